// Floors without a network server: what the disk and the page cache give. Each prints one JSON object.
#pragma once
#include <string>

#include "../common/options.h"

namespace bench {

int ReadFloor(const std::string& path);
int SyncFloor(const std::string& directory, const Options& options);
int AppendFloor(const std::string& directory, const Options& options);

}  // namespace bench
