// CRC-32C of the product's core (compiled in), so that the floor pays for checking what the broker pays.
#pragma once
#include "../../../native/core/crc32c.h"

namespace bench {
using millrace::Crc32c;
}
