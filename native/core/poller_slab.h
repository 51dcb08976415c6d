// Memory of a network thread's slab: where received frames lie until their answers are sent. Owned by one thread; the
// memory itself is shared (partition workers read frames in place).
//
//   page 0 ........ small | small ................................. pages      (64 KiB each)
//   [ kept for frames up    | extents: free | run of one large frame | bump page  ]
//   [ to 64 KiB: bump pages | runs grow from the low end, extra bump pages from the high end ]
//
// Bump page: many frames behind one another, freed by reference count. Run: contiguous pages of one large frame. A run
// is placed for the announced length, but only the pages reached by received bytes are held firmly; the rest may be
// taken by others (Steal): space is held for bytes received, not for bytes announced. There are no size classes: bump
// pages waste less for small frames, and runs need no copy when they grow.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace millrace {

constexpr uint32_t kPageBytes = 64 * 1024;
constexpr uint32_t kSlabPagesMin = 8;
constexpr uint32_t kNowhere = 0xffffffff;
// The body starts 8 bytes into a page: 4 bytes of padding, 4 of length.
constexpr uint32_t kSmallFrameBytesMax = kPageBytes - 8;
// A run that received no new page for so long loses what it has not reached yet when others need it.
constexpr int64_t kSoftClaimMs = 1000;
// Free pages that were not touched for so long are given back to the system.
constexpr int64_t kGiveBackMs = 5000;

class Slab {
 public:
  Slab(uint8_t* base, size_t bytes);

  uint8_t* at(uint32_t position) { return base_ + position; }
  // Longest frame that fits at all.
  uint64_t frame_bytes_max() const { return uint64_t(pages_ - small_pages_) * kPageBytes; }
  uint64_t used_bytes() const { return uint64_t(used_pages_) * kPageBytes; }

  // Current bump page. EnsureRoom: at least `bytes` free behind cursor(); false = slab full.
  bool EnsureRoom(uint32_t bytes);
  uint32_t cursor() const { return cursor_; }
  uint32_t room() const { return current_ == kNowhere ? 0 : (current_ + 1) * kPageBytes - cursor_; }
  void set_cursor(uint32_t position) { cursor_ = position; }
  // One more / one fewer holder of the bump page around `position`.
  void HoldPage(uint32_t position) { info_[position / kPageBytes].refs++; }
  // Runs allocated, complete or not.
  uint32_t runs() const { return runs_; }

  // A run for `bytes` of which one page is held firmly. kNowhere = none free.
  uint32_t AllocateRun(uint64_t bytes, int64_t now_ms);
  // Bytes usable in the run at `position` (the announced rest may have been stolen).
  uint64_t RunBytes(uint32_t position) const { return uint64_t(info_[position / kPageBytes].length) * kPageBytes; }
  // `bytes` of the run have been received.
  void Reached(uint32_t position, uint64_t bytes, int64_t now_ms);
  // Tries to enlarge the run in place so that `bytes` fit.
  bool Extend(uint32_t position, uint64_t bytes);
  // Takes unreached pages of runs that stand still. True when something became free.
  bool Steal(int64_t now_ms);

  // Frees a frame (or one hold of a bump page). False when nothing is allocated there.
  bool Release(uint32_t position, int64_t now_ms);
  // Gives long unused free pages back to the system.
  void GiveBack(int64_t now_ms);

 private:
  enum class Kind : uint8_t { inside, free, bump, run };
  struct PageInfo {
    Kind kind = Kind::inside;
    bool dirty = false;
    uint32_t length = 0;   // at the first page of an extent: pages
    uint32_t back = 0;     // at its last page: pages
    uint32_t refs = 0;     // bump: holders; run: pages held firmly
    int64_t time_ms = 0;   // run: last growth; dirty free page: when freed
  };
  void MakeExtent(uint32_t first, uint32_t length, Kind kind);
  void FreeExtent(uint32_t first, int64_t now_ms);
  uint32_t FindFree(uint32_t length) const;
  uint32_t TakeHighPage();
  void Trim(uint32_t first, uint32_t keep, int64_t now_ms);

  uint8_t* base_;
  uint32_t pages_;
  uint32_t small_pages_;
  std::vector<PageInfo> info_;
  std::vector<uint32_t> small_free_;  // LIFO: the page freed last is still in the cache
  uint32_t current_ = kNowhere;
  uint32_t cursor_ = 0;
  uint32_t used_pages_ = 0;
  uint32_t runs_ = 0;
};

}  // namespace millrace
