// Columns of the Float64Arrays that results are written into (src/io/segment-engine.ts).
#pragma once

namespace millrace {

enum ReadOut { kReadOutRange, kReadOutSegmentBase, kReadOutPosition, kReadOutLength, kReadOutColumns };
enum FindOut {
  kFindOutSegmentBase,
  kFindOutPosition,
  kFindOutLength,
  kFindOutBaseOffset,
  kFindOutLastOffset,
  kFindOutMaxTimestamp,
  kFindOutLeaderEpoch,
  kFindOutColumns,
};
enum SegmentOut {
  kSegmentOutSizeBytes,
  kSegmentOutMaxTimestamp,
  kSegmentOutOffsetOfMaxTimestamp,
  kSegmentOutOffsetIndexEntries,
  kSegmentOutTimeIndexEntries,
  kSegmentOutBytesSinceIndexEntry,
  kSegmentOutModifiedMs,
  kSegmentOutFirstBatchMaxTimestamp,
  kSegmentOutColumns,
};
enum ScanOut { kScanOutNextPosition, kScanOutStop, kScanOutDetail, kScanOutNextValidPosition, kScanOutColumns };

}  // namespace millrace
