// One function per mode of the command line; each prints its result and returns the exit code.
#pragma once
#include <string>

#include "../common/options.h"

namespace bench {

int Produce(int port, const std::string& topic, const Options& options);
int Fetch(int port, const std::string& topic, const Options& options);
int EndToEnd(int port, const std::string& topic, const Options& options);
int Ping(int port, const std::string& topic, const Options& options);
int Connections(int port, const std::string& topic, const Options& options);
int Create(int port, const std::string& topic, const Options& options);
int Ready(int port, const std::string& topic, const Options& options);
int Commits(int port, const std::string& topic, const Options& options);
int Rebalance(int port, const std::string& topic, const Options& options);
int Quota(int port, const std::string& topic, const Options& options);
int Readable(int port, const std::string& topic, const Options& options);

}  // namespace bench
