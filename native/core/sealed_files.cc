#include "sealed_files.h"

#include <deque>
#include <mutex>

#include "segment.h"

namespace millrace {
namespace {

struct Queue {
  std::mutex mutex;
  std::deque<std::weak_ptr<Segment>> segments;
};

// Never destroyed: threads may still read while the process exits.
Queue& Open() {
  static Queue* const queue = new Queue;
  return *queue;
}

}  // namespace

void SealedFilesOpened(const std::shared_ptr<Segment>& segment) {
  Queue& queue = Open();
  std::unique_lock lock(queue.mutex);
  queue.segments.push_back(segment);
  for (size_t looks = 2 * queue.segments.size(); queue.segments.size() > kOpenSealedSegmentsMax && looks > 0; looks--) {
    const std::shared_ptr<Segment> oldest = queue.segments.front().lock();
    queue.segments.pop_front();
    if (oldest == nullptr) continue;
    if (!oldest->CloseWhenIdle()) queue.segments.push_back(oldest);
  }
}

size_t SealedFilesCount() {
  Queue& queue = Open();
  std::lock_guard lock(queue.mutex);
  return queue.segments.size();
}

}  // namespace millrace
