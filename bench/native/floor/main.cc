// The floor: what a C process without any broker logic pays for the same sockets, bytes and files.
//   c++ -O2 -std=c++20 bench/native/{floor,common}/*.cc native/core/crc32c.cc -o floor
//   floor PORT DIRECTORY [FILE_BYTES]         a server: receive, CRC-32C, append to a file that wraps around, answer
//   floor null PORT DIRECTORY key=value…      the same with append=1 crc=1 bytes=1073741824 to choose from
//   floor read FILE                           sequential read past the page cache: mbps
//   floor sync DIRECTORY key=value…           files=64 producers=64 record=1024 seconds=5: group commit, acksPerSecond
//   floor append DIRECTORY key=value…         batch=1048576 bytes=536870912: CPU-s/GB over fresh pages and over used ones
#include <cstdlib>

#include "../common/socket.h"
#include "disk.h"
#include "server.h"

using namespace bench;

int main(int argc, char** argv) {
  constexpr int64_t kFileBytes = int64_t{1} << 30;
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "read" && argc == 3) return ReadFloor(argv[2]);
  if (mode == "sync" && argc >= 3) return SyncFloor(argv[2], Options(argv + 3, argc - 3));
  if (mode == "append" && argc >= 3) return AppendFloor(argv[2], Options(argv + 3, argc - 3));
  RaiseDescriptorLimit();
  if (mode == "null" && argc >= 4) {
    const Options options(argv + 4, argc - 4);
    const bool crc = options.Number("crc", 1) != 0, append = options.Number("append", 1) != 0;
    FloorServer({atoi(argv[2]), argv[3], options.Number("bytes", kFileBytes), crc, append}).Run();
  }
  if (atoi(mode.c_str()) > 0 && argc >= 3) {
    FloorServer({atoi(mode.c_str()), argv[2], argc > 3 ? atoll(argv[3]) : kFileBytes, true, true}).Run();
  }
  Die("usage: floor PORT DIRECTORY [FILE_BYTES] | null PORT DIRECTORY … | read FILE | sync|append DIRECTORY …");
}
