#include "constants.h"

#include <cstddef>
#include <initializer_list>
#include <utility>

#include "../core/batch_table.h"
#include "../core/log.h"
#include "../core/scan.h"
#include "columns.h"

namespace millrace {
namespace {

using Numbers = std::initializer_list<std::pair<const char*, int>>;

void Group(Napi::Object& all, const char* name, Numbers numbers) {
  Napi::Object group = Napi::Object::New(all.Env());
  for (const auto& [key, value] : numbers) group.Set(key, value);
  all.Set(name, group);
}

#define WORD(member) int(offsetof(Row, member) / sizeof(int32_t))
#define DOUBLE(member) int(offsetof(Row, member) / sizeof(double))

}  // namespace

Napi::Object SegmentConstants(Napi::Env env) {
  Napi::Object all = Napi::Object::New(env);
  Group(all, "Row", {{"words", kRowWords}, {"doubles", kRowDoubles}, {"bytes", kRowBytes}});
  Group(all, "Word",
        {{"slab", WORD(slab)},
         {"position", WORD(position)},
         {"length", WORD(length)},
         {"flags", WORD(flags)},
         {"status", WORD(status)},
         {"detail", WORD(detail)},
         {"attributes", WORD(attributes)},
         {"lastOffsetDelta", WORD(last_offset_delta)},
         {"count", WORD(count)},
         {"producerEpoch", WORD(producer_epoch)},
         {"baseSequence", WORD(base_sequence)},
         {"leaderEpoch", WORD(leader_epoch)},
         {"producerIdLow", WORD(producer_id_low)},
         {"producerIdHigh", WORD(producer_id_high)},
         {"crc", WORD(crc)},
         {"maxTimestampDelta", WORD(max_timestamp_delta)}});
  Group(all, "Double",
        {{"baseOffset", DOUBLE(base_offset)},
         {"baseTimestamp", DOUBLE(base_timestamp)},
         {"maxTimestamp", DOUBLE(max_timestamp)},
         {"maxTimestampFound", DOUBLE(max_timestamp_found)},
         {"minTimestampFound", DOUBLE(min_timestamp_found)},
         {"appendTime", DOUBLE(append_time)},
         {"filePosition", DOUBLE(file_position)},
         {"reserved", DOUBLE(reserved)}});
  Group(all, "RowFlag",
        {{"skip", kSkip},
         {"logAppendTime", kLogAppendTime},
         {"keyRequired", kKeyRequired},
         {"fixMaxTimestamp", kFixMaxTimestamp},
         {"headerOnly", kHeaderOnly},
          {"recordsUnchecked", kRecordsUnchecked}});
  Group(all, "RowStatus",
        {{"ok", kOk},
         {"compressed", kCompressed},
         {"tooSmall", kTooSmall},
         {"badMagic", kBadMagic},
         {"badCrc", kBadCrc},
         {"badOffsetRange", kBadOffsetRange},
         {"badCount", kBadCount},
         {"inconsistentCount", kInconsistentCount},
         {"badRecord", kBadRecord},
         {"trailingBytes", kTrailingBytes},
         {"missingKey", kMissingKey},
         {"moreBatches", kMoreBatches},
         {"offsetDeltas", kOffsetDeltas}});
  Group(all, "ReadStatus", {{"found", kReadFound}, {"empty", kReadEmpty}, {"outOfRange", kReadOutOfRange}});
  Group(all, "ReadOut",
        {{"range", kReadOutRange},
         {"segmentBase", kReadOutSegmentBase},
         {"position", kReadOutPosition},
         {"length", kReadOutLength}});
  Group(all, "FindOut",
        {{"segmentBase", kFindOutSegmentBase},
         {"position", kFindOutPosition},
         {"length", kFindOutLength},
         {"baseOffset", kFindOutBaseOffset},
         {"lastOffset", kFindOutLastOffset},
         {"maxTimestamp", kFindOutMaxTimestamp},
         {"leaderEpoch", kFindOutLeaderEpoch}});
  Group(all, "SegmentOut",
        {{"sizeBytes", kSegmentOutSizeBytes},
         {"maxTimestamp", kSegmentOutMaxTimestamp},
         {"offsetOfMaxTimestamp", kSegmentOutOffsetOfMaxTimestamp},
         {"offsetIndexEntries", kSegmentOutOffsetIndexEntries},
         {"timeIndexEntries", kSegmentOutTimeIndexEntries},
         {"bytesSinceIndexEntry", kSegmentOutBytesSinceIndexEntry},
         {"modifiedMs", kSegmentOutModifiedMs},
         {"firstBatchMaxTimestamp", kSegmentOutFirstBatchMaxTimestamp}});
  Group(all, "ScanFlag", {{"verify", kScanVerify}, {"rebuildIndexes", kScanRebuildIndexes}});
  Group(all, "ScanStop",
        {{"tableFull", kTableFull},
         {"endOfFile", kEndOfFile},
         {"zeroTail", kZeroTail},
         {"torn", kTorn},
         {"badBatch", kBadBatch},
         {"staleBatch", kStaleBatch}});
  Group(all, "ScanOut",
        {{"nextPosition", kScanOutNextPosition},
         {"stop", kScanOutStop},
         {"detail", kScanOutDetail},
         {"nextValidPosition", kScanOutNextValidPosition}});
  return all;
}

}  // namespace millrace
