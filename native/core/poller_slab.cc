#include "poller_slab.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

namespace millrace {

Slab::Slab(uint8_t* base, size_t bytes) : base_(base) {
  pages_ = uint32_t(std::min<size_t>(bytes / kPageBytes, 0x7fffffff / kPageBytes));
  small_pages_ = std::max<uint32_t>(1, pages_ / 8);
  info_.resize(pages_);
  for (uint32_t page = small_pages_; page-- > 0;) {
    info_[page].kind = Kind::free;
    info_[page].length = info_[page].back = 1;
    small_free_.push_back(page);
  }
  MakeExtent(small_pages_, pages_ - small_pages_, Kind::free);
}

void Slab::MakeExtent(uint32_t first, uint32_t length, Kind kind) {
  info_[first].kind = kind;
  info_[first].length = length;
  info_[first + length - 1].back = length;
}

// First fit from the low end: the lowest pages stay warm.
uint32_t Slab::FindFree(uint32_t length) const {
  for (uint32_t page = small_pages_; page < pages_; page += info_[page].length) {
    if (info_[page].kind == Kind::free && info_[page].length >= length) return page;
  }
  return kNowhere;
}

// Last fit, so that lone bump pages do not break up the space for runs.
uint32_t Slab::TakeHighPage() {
  for (uint32_t end = pages_; end > small_pages_; end -= info_[end - 1].back) {
    uint32_t length = info_[end - 1].back;
    uint32_t first = end - length;
    if (info_[first].kind != Kind::free) continue;
    if (length > 1) MakeExtent(first, length - 1, Kind::free);
    MakeExtent(end - 1, 1, Kind::bump);
    return end - 1;
  }
  return kNowhere;
}

bool Slab::EnsureRoom(uint32_t bytes) {
  if (current_ != kNowhere) {
    if (info_[current_].refs == 0) cursor_ = current_ * kPageBytes;
    if (room() >= bytes) return true;
  }
  uint32_t page;
  if (!small_free_.empty()) {
    page = small_free_.back();
    small_free_.pop_back();
  } else if ((page = TakeHighPage()) == kNowhere) {
    return false;
  }
  info_[page].kind = Kind::bump;
  info_[page].refs = 0;
  used_pages_++;
  current_ = page;
  cursor_ = page * kPageBytes;
  return true;
}

uint32_t Slab::AllocateRun(uint64_t bytes, int64_t now_ms) {
  uint32_t length = uint32_t((bytes + kPageBytes - 1) / kPageBytes);
  uint32_t first = FindFree(length);
  if (first == kNowhere && Steal(now_ms)) first = FindFree(length);
  if (first == kNowhere) return kNowhere;
  uint32_t rest = info_[first].length - length;
  MakeExtent(first, length, Kind::run);
  if (rest > 0) MakeExtent(first + length, rest, Kind::free);
  info_[first].refs = 1;
  runs_++;
  info_[first].time_ms = now_ms;
  used_pages_++;
  return first * kPageBytes;
}

void Slab::Reached(uint32_t position, uint64_t bytes, int64_t now_ms) {
  PageInfo& run = info_[position / kPageBytes];
  uint32_t firm = std::max<uint32_t>(1, uint32_t((bytes + kPageBytes - 1) / kPageBytes));
  if (firm <= run.refs) return;
  used_pages_ += firm - run.refs;
  run.refs = firm;
  run.time_ms = now_ms;
}

bool Slab::Extend(uint32_t position, uint64_t bytes) {
  uint32_t first = position / kPageBytes;
  uint32_t want = uint32_t((bytes + kPageBytes - 1) / kPageBytes);
  uint32_t have = info_[first].length;
  if (have >= want) return true;
  uint32_t next = first + have;
  if (next >= pages_ || info_[next].kind != Kind::free || info_[next].length < want - have) return false;
  uint32_t rest = info_[next].length - (want - have);
  info_[next].kind = Kind::inside;
  MakeExtent(first, want, Kind::run);
  if (rest > 0) MakeExtent(first + want, rest, Kind::free);
  return true;
}

bool Slab::Steal(int64_t now_ms) {
  bool freed = false;
  for (uint32_t page = small_pages_; page < pages_; page += info_[page].length) {
    PageInfo& run = info_[page];
    if (run.kind != Kind::run || run.refs >= run.length) continue;
    // One page: nothing but an announcement so far.
    if (run.refs > 1 && now_ms - run.time_ms < kSoftClaimMs) continue;
    Trim(page, run.refs, now_ms);
    freed = true;
  }
  return freed;
}

void Slab::Trim(uint32_t first, uint32_t keep, int64_t now_ms) {
  uint32_t length = info_[first].length;
  MakeExtent(first, keep, Kind::run);
  MakeExtent(first + keep, length - keep, Kind::run);
  info_[first + keep].refs = 0;
  FreeExtent(first + keep, now_ms);
}

// Frees an extent of the large region and joins it with free neighbours.
void Slab::FreeExtent(uint32_t first, int64_t now_ms) {
  uint32_t length = info_[first].length;
  for (uint32_t page = first; page < first + length; page++) {
    info_[page].dirty = true;
    info_[page].time_ms = now_ms;
  }
  info_[first].kind = Kind::inside;
  uint32_t next = first + length;
  if (next < pages_ && info_[next].kind == Kind::free) {
    length += info_[next].length;
    info_[next].kind = Kind::inside;
  }
  if (first > small_pages_) {
    uint32_t before = first - info_[first - 1].back;
    if (info_[before].kind == Kind::free) {
      length += info_[before].length;
      first = before;
    }
  }
  MakeExtent(first, length, Kind::free);
}

bool Slab::Release(uint32_t position, int64_t now_ms) {
  uint32_t page = position / kPageBytes;
  if (page >= pages_) return false;
  PageInfo& info = info_[page];
  if (info.kind == Kind::run) {
    used_pages_ -= info.refs;
    runs_--;
    FreeExtent(page, now_ms);
    return true;
  }
  if (info.kind != Kind::bump || info.refs == 0) return false;
  if (--info.refs > 0 || page == current_) return true;
  used_pages_--;
  if (page >= small_pages_) {
    FreeExtent(page, now_ms);
    return true;
  }
  info.kind = Kind::free;
  info.dirty = true;
  info.time_ms = now_ms;
  small_free_.push_back(page);
  return true;
}

void Slab::GiveBack(int64_t now_ms) {
  uintptr_t unit = uintptr_t(sysconf(_SC_PAGESIZE));
  uint32_t free_until = 0;  // pages below belong to a free extent of the large region
  uint32_t start = kNowhere;
  for (uint32_t page = 0; page <= pages_; page++) {
    bool idle = false;
    if (page < pages_) {
      if (info_[page].kind == Kind::free) free_until = page + info_[page].length;
      idle = page < free_until && info_[page].dirty && now_ms - info_[page].time_ms >= kGiveBackMs;
    }
    if (idle) {
      info_[page].dirty = false;
      if (start == kNowhere) start = page;
    } else if (start != kNowhere) {
      uintptr_t from = (uintptr_t(base_) + uintptr_t(start) * kPageBytes + unit - 1) / unit * unit;
      uintptr_t to = (uintptr_t(base_) + uintptr_t(page) * kPageBytes) / unit * unit;
      if (to > from) madvise(reinterpret_cast<void*>(from), to - from, MADV_DONTNEED);
      start = kNowhere;
    }
  }
}

}  // namespace millrace
