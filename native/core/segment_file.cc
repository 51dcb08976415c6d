#include "segment_file.h"

#include <unistd.h>

#include <mutex>
#include <vector>

#include "system_error.h"

namespace millrace {

SegmentFile::SegmentFile(int fd, std::string path, std::shared_ptr<FileHistory> history)
    : fd(fd), path(std::move(path)), history(std::move(history)) {
  if (this->history) this->history->open.fetch_add(1, std::memory_order_relaxed);
}

SegmentFile::~SegmentFile() {
  if (fd >= 0) ::close(fd);
  if (!history) return;
  if (unproven_senders.load(std::memory_order_acquire) > 0) history->tainted.store(true, std::memory_order_relaxed);
  history->open.fetch_sub(1, std::memory_order_release);
}

namespace {

// A token is a slot number and, above it, the slot's life: a token used twice does not hit the next range.
constexpr int kSlotBits = 20;
constexpr uint32_t kSlotsMax = 1u << kSlotBits;
constexpr uint32_t kLives = 1u << (31 - kSlotBits);

struct Slot {
  FileRange range;
  uint64_t owner = 0;
  uint32_t life = 0;
};

struct RangeTable {
  std::mutex mutex;
  std::vector<Slot> slots;
  std::vector<uint32_t> free;

  Slot* Find(int32_t token) {
    if (token <= 0) return nullptr;
    const uint32_t slot = uint32_t(token) & (kSlotsMax - 1);
    if (slot >= slots.size() || slots[slot].life != uint32_t(token) >> kSlotBits) return nullptr;
    return slots[slot].range.file ? &slots[slot] : nullptr;
  }

  FileRange Empty(Slot& slot) {
    FileRange range = std::move(slot.range);
    slot.range = FileRange{};
    slot.life = (slot.life + 1) % kLives;
    free.push_back(uint32_t(&slot - slots.data()));
    return range;
  }
};

// Never destroyed: worker threads may still hold ranges while the process exits.
RangeTable& Ranges() {
  static RangeTable* const table = new RangeTable;
  return *table;
}

}  // namespace

int32_t RangePutOwned(FileRange range, uint64_t owner) {
  Require(range.file != nullptr, "a range needs a file");
  RangeTable& table = Ranges();
  std::lock_guard lock(table.mutex);
  uint32_t slot;
  if (table.free.empty()) {
    if (table.slots.empty()) table.slots.emplace_back();  // slot 0 stays unused so that no token is 0
    Require(table.slots.size() < kSlotsMax, "too many ranges are open (1,048,575)");
    slot = uint32_t(table.slots.size());
    table.slots.emplace_back();
    table.free.reserve(table.slots.capacity());  // giving back must not fail
  } else {
    slot = table.free.back();
    table.free.pop_back();
  }
  table.slots[slot].range = std::move(range);
  table.slots[slot].owner = owner;
  return int32_t(table.slots[slot].life << kSlotBits | slot);
}

int32_t RangePut(FileRange range) { return RangePutOwned(std::move(range), 0); }

FileRange RangeTake(int32_t token) {
  RangeTable& table = Ranges();
  std::lock_guard lock(table.mutex);
  Slot* slot = table.Find(token);
  return slot == nullptr ? FileRange{} : table.Empty(*slot);
}

FileRange RangePeek(int32_t token) {
  RangeTable& table = Ranges();
  std::lock_guard lock(table.mutex);
  Slot* slot = table.Find(token);
  return slot == nullptr ? FileRange{} : slot->range;
}

size_t RangeCount() {
  RangeTable& table = Ranges();
  std::lock_guard lock(table.mutex);
  return table.slots.empty() ? 0 : table.slots.size() - 1 - table.free.size();
}

void RangeReleaseOwner(uint64_t owner) {
  std::vector<FileRange> released;  // closed outside the lock
  RangeTable& table = Ranges();
  std::lock_guard lock(table.mutex);
  for (Slot& slot : table.slots) {
    if (slot.range.file && slot.owner == owner) released.push_back(table.Empty(slot));
  }
}

}  // namespace millrace
