// Sends appended bytes on their way to the disk in small steps, beside the appending threads. Left alone, the kernel writes
// what has gathered in 30 s at once: its queue is then full for tens of milliseconds while pages are locked, the one at a
// log's tail among them, and appends wait for it. Acknowledgements do not depend on this, and it says nothing about what
// became of the writes: a flush does.
//
// One thread of the process, started with the first step and gone after a few idle seconds. What comes faster than a disk
// can be expected to take, for instance while a backlog is caught up with, is left to the kernel: written at once it would
// cost as much CPU as the appends.
#pragma once
#include <cstdint>
#include <memory>

#include "segment_file.h"

namespace millrace {

// A log asks again after so many bytes.
constexpr int64_t kWriteBehindStepBytes = 1024 * 1024;
// So far the writer stays behind the tail: a page that is being written cannot be appended to.
constexpr int64_t kWriteBehindMarginBytes = 256 * 1024;
constexpr size_t kWriteBehindStepsMax = 256;
// Of the whole process.
constexpr int64_t kWriteBehindBytesPerSecond = 128 * 1024 * 1024;

void WriteBehind(const std::shared_ptr<SegmentFile>& file, int64_t from, int64_t to);

}  // namespace millrace
