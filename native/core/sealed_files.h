// Process-wide limit of open files of sealed segments: the least recently used ones are closed. (A second-chance queue:
// a segment that was used since it was last looked at goes back to the end.)
#pragma once
#include <cstddef>
#include <memory>

namespace millrace {

class Segment;

// Each holds up to three descriptors: 3 x 128 stays well below the common limit of 1024.
constexpr size_t kOpenSealedSegmentsMax = 128;

// `segment` has opened files. Not to be called with a segment's lock held: it closes others.
void SealedFilesOpened(const std::shared_ptr<Segment>& segment);
size_t SealedFilesCount();

}  // namespace millrace
