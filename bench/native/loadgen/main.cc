// Load generator for Kafka-speaking brokers on 127.0.0.1: pre-encoded batches, one epoll thread, next to no cost of its own.
//   c++ -O2 -std=c++20 bench/native/{loadgen,common}/*.cc native/core/crc32c.cc -o loadgen
//   loadgen MODE PORT TOPIC key=value…
//
// Keys of every mode with a load:
//   pid=N            the broker: brokerCpu (s), brokerSwitches, brokerAnonMiB of the measured window
//   warm=S           seconds of the same load before the window, not counted
//   seconds=S        length of the window                      connections=1  inflight=5
//   rate=R | mbps=M  open loop: requests/s (or 1e6 payload bytes/s) over all connections, latency from the intended send time
//   client=loadgen  (client id)
//   partitions=1  acks=1  record=1024 (value bytes)  batch=1048576 (bytes)
// Modes:
//   produce      bytes= or requests= (stop after)  batchfile=PATH (one encoded batch, sent as it is; brokers want base
//                offset 0)  uncompressed=BYTES of it
//   fetch        every connection reads all partitions from 0: max=1048576  verify=1  bytes=  loop=1 (start again until seconds)
//   e2e          producers=1  consumers=1 (each tails everything)  batch=1  verify=1 (CRC)
//                backlog=TOPIC2  backlogPartitions=1 (another topic is read from 0 meanwhile; loop=1 again and again)
//   ping         api=versions|metadata  topics=a,b,c (none = all)  connections=32
//   connections  open=N  active=PERCENT  rate=  batchOpen=N
//   create       partitions=  config.KEY=VALUE
//   ready        waits for a leader of every partition, creating the topic where the broker does that
//   commits      partitions=  groups= (one a connection)  requests=: offsets are committed without members
//   rebalance    members=8  rounds=5: time until all have joined, and until those left are stable after one leaves
//   quota        of=CLIENT  key=producer_byte_rate  value= (negative: none any more)
//   readable     partitions=  since=EPOCH_MS: from then (or now) until every partition can be read
// Prints one flat JSON object of numbers. Exit 0; 1 when requests were refused or batches lost; 2 when the run failed.
#include <cstdlib>
#include <map>

#include "../common/socket.h"
#include "modes.h"
#include "requests.h"

using namespace bench;

int main(int argc, char** argv) {
  using Mode = int (*)(int, const std::string&, const Options&);
  const std::map<std::string, Mode> modes = {
      {"produce", Produce},         {"fetch", Fetch},   {"e2e", EndToEnd}, {"ping", Ping},
      {"connections", Connections}, {"create", Create}, {"ready", Ready},  {"readable", Readable},
      {"commits", Commits},         {"quota", Quota},         {"rebalance", Rebalance},
  };
  if (argc < 4) Die("usage: loadgen MODE PORT TOPIC key=value…");
  const auto mode = modes.find(argv[1]);
  if (mode == modes.end()) Die(std::string("unknown mode ") + argv[1]);
  RaiseDescriptorLimit();
  const Options options(argv + 4, argc - 4);
  SetClientId(options.Text("client", "loadgen"));
  return mode->second(atoi(argv[2]), argv[3], options);
}
