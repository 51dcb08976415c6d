// Every open log of the process. A token is a number that names the log in all threads; it is never used again.
// Environments hold the logs (shared_ptr); the registry only knows where they are.
#pragma once
#include <memory>
#include <string>

#include "log.h"

namespace millrace {

// Opens the log for its one writer. Throws EBUSY while another environment has this directory open for writing.
int32_t RegistryOpen(const std::string& directory, const LogOptions& options, std::shared_ptr<Log>& log);
// The log another thread opened; ContractError when the token names no log or another directory.
std::shared_ptr<Log> RegistryAttach(const std::string& directory, int32_t token);
// The writer lets go: the directory may be opened again. Readers keep the log they hold.
void RegistryClose(int32_t token);
size_t RegistryCount();

}  // namespace millrace
