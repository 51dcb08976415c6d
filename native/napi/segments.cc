// The segment engine's functions for JavaScript: checked arguments in, numbers and typed arrays out. No decision here.
#include <napi.h>

#include "../core/batch_validate.h"
#include "../core/crc32c.h"
#include "../core/file_io.h"
#include "../core/lz4_block.h"
#include "../core/sealed_files.h"
#include "arguments.h"
#include "columns.h"
#include "constants.h"
#include "environment.h"

namespace millrace {
namespace {

Environment& Env(const Arguments& args) { return args.context<Environment>(); }
Log& LogOf(const Arguments& args) { return Env(args).At(args.Int32(0)); }

// Rows of a table given by its words.
struct Rows {
  Row* rows;
  int32_t count;
};
Rows Table(const Arguments& args, size_t index) {
  const View<int32_t> words = args.Words(index);
  Require(reinterpret_cast<uintptr_t>(words.data) % alignof(Row) == 0, "a batch table must be aligned to 8 bytes");
  return {reinterpret_cast<Row*>(words.data), int32_t(words.length / kRowWords)};
}
// Rows [from, to), the two arguments behind the table.
Rows TableSlice(const Arguments& args, size_t index) {
  const Rows table = Table(args, index);
  const int32_t from = args.Int32(index + 1);
  const int32_t to = args.Int32(index + 2);
  Require(from >= 0 && from <= to && to <= table.count, "the rows lie outside the table");
  return {table.rows + from, to - from};
}

LogOptions Options(const Arguments& args, size_t first) {
  LogOptions options;
  options.index_interval_bytes = args.Integer(first);
  options.index_bytes_max = args.Integer(first + 1);
  options.segment_bytes = args.Integer(first + 2);
  options.preallocate = args.Boolean(first + 3);
  const std::string engine = args.Text(first + 4);
  Require(engine == "auto" || engine == "mmap" || engine == "pwrite", "engine must be auto, mmap or pwrite");
  options.engine = engine == "auto"   ? AppendEngine::kAuto
                   : engine == "mmap" ? AppendEngine::kMmap
                                      : AppendEngine::kPwrite;
  return options;
}

napi_value RegisterSlab(const Arguments& args) {
  const View<uint8_t> memory = args.Bytes(1);
  Env(args).RegisterSlab(args.Int32(0), args.At(1), memory.data, memory.length);
  return nullptr;
}

napi_value OpenLog(const Arguments& args) { return args.Return(Env(args).Open(args.Text(0), Options(args, 1))); }

napi_value AttachLog(const Arguments& args) {
  Env(args).Attach(args.Text(0), args.Int32(1));
  return args.Return(args.Int32(1));
}

napi_value CloseLog(const Arguments& args) {
  Env(args).Close(args.Int32(0));
  return nullptr;
}

napi_value SetOptions(const Arguments& args) {
  LogOf(args).SetOptions(Options(args, 1));
  return nullptr;
}

napi_value AddSegment(const Arguments& args) {
  LogOf(args).AddSegment(args.Integer(1), args.Integer(2));
  return nullptr;
}

napi_value CreateSegment(const Arguments& args) {
  LogOf(args).CreateSegment(args.Integer(1));
  return nullptr;
}

napi_value PrepareSegment(const Arguments& args) {
  LogOf(args).PrepareSegment();
  return nullptr;
}

napi_value Activate(const Arguments& args) {
  LogOf(args).Activate();
  return nullptr;
}

napi_value Seal(const Arguments& args) {
  LogOf(args).Seal(args.Integer(1));
  return nullptr;
}

napi_value Info(const Arguments& args) {
  double* out = args.Doubles(2, kSegmentOutColumns);
  const SegmentInfo info = LogOf(args).Info(args.Integer(1));
  out[kSegmentOutSizeBytes] = double(info.size_bytes);
  out[kSegmentOutMaxTimestamp] = double(info.max_timestamp);
  out[kSegmentOutOffsetOfMaxTimestamp] = double(info.offset_of_max_timestamp);
  out[kSegmentOutOffsetIndexEntries] = double(info.offset_index_entries);
  out[kSegmentOutTimeIndexEntries] = double(info.time_index_entries);
  out[kSegmentOutBytesSinceIndexEntry] = double(info.bytes_since_index_entry);
  out[kSegmentOutModifiedMs] = info.modified_ms;
  out[kSegmentOutFirstBatchMaxTimestamp] = double(info.first_batch_max_timestamp);
  return nullptr;
}

napi_value LogSizeBytes(const Arguments& args) { return args.Return(double(LogOf(args).SizeBytes())); }

napi_value Validate(const Arguments& args) {
  const Rows rows = TableSlice(args, 0);
  const Slabs& slabs = Env(args).slabs();
  for (int32_t i = 0; i < rows.count; i++) ValidateRow(rows.rows[i], slabs);
  return nullptr;
}

napi_value ValidateDecompressed(const Arguments& args) {
  const Rows table = Table(args, 0);
  const int32_t row = args.Int32(1);
  Require(row >= 0 && row < table.count, "the row lies outside the table");
  const View<uint8_t> records = args.Bytes(2);
  ValidateRecords(table.rows[row], records.data, records.length);
  return nullptr;
}

napi_value Append(const Arguments& args) {
  const Rows rows = TableSlice(args, 1);
  LogOf(args).Append(rows.rows, rows.count, Env(args).slabs());
  return nullptr;
}

napi_value Read(const Arguments& args) {
  double* out = args.Doubles(5, kReadOutColumns);
  FileRange range;
  int64_t segment_base = 0;
  const int32_t status =
      LogOf(args).Read(args.Integer(1), args.Integer(2), args.Integer(3), args.Boolean(4), range, segment_base);
  if (status == kReadFound) {
    out[kReadOutSegmentBase] = double(segment_base);
    out[kReadOutPosition] = double(range.position);
    out[kReadOutLength] = double(range.length);
    out[kReadOutRange] = double(RangePutOwned(std::move(range), Env(args).id()));
  }
  return args.Return(status);
}

napi_value ReadableBytes(const Arguments& args) {
  return args.Return(double(LogOf(args).ReadableBytes(args.Integer(1), args.Integer(2))));
}

napi_value DropRange(const Arguments& args) {
  Require(RangeTake(args.Int32(0)).file != nullptr, "dropRange: no such range");
  return nullptr;
}

napi_value CopyRange(const Arguments& args) {
  const FileRange range = RangePeek(args.Int32(0));
  Require(range.file != nullptr, "copyRange: no such range");
  const int64_t from = args.Integer(1);
  Require(from >= 0 && from <= range.length, "copyRange: the start lies outside the range");
  const View<uint8_t> target = args.Bytes(2);
  const int64_t length = std::min(int64_t(target.length), range.length - from);
  return args.Return(double(ReadAt(range.file->fd, range.file->path, target.data, length, range.position + from)));
}

napi_value ReturnFound(const Arguments& args, bool there, const Found& found, double* out) {
  if (there) {
    out[kFindOutSegmentBase] = double(found.segment_base);
    out[kFindOutPosition] = double(found.position);
    out[kFindOutLength] = double(found.header.size());
    out[kFindOutBaseOffset] = double(found.header.base_offset);
    out[kFindOutLastOffset] = double(found.header.last_offset());
    out[kFindOutMaxTimestamp] = double(found.header.max_timestamp);
    out[kFindOutLeaderEpoch] = double(found.header.leader_epoch);
  }
  return args.Return(there);
}

napi_value FindByTimestamp(const Arguments& args) {
  double* out = args.Doubles(3, kFindOutColumns);
  Found found;
  const bool there = LogOf(args).FindByTimestamp(args.Integer(1), args.Integer(2), found);
  return ReturnFound(args, there, found, out);
}

napi_value MaxTimestampBatch(const Arguments& args) {
  double* out = args.Doubles(1, kFindOutColumns);
  Found found;
  const bool there = LogOf(args).MaxTimestampBatch(found);
  return ReturnFound(args, there, found, out);
}

napi_value FindBatch(const Arguments& args) {
  double* out = args.Doubles(2, kFindOutColumns);
  Found found;
  const bool there = LogOf(args).FindBatch(args.Integer(1), found);
  return ReturnFound(args, there, found, out);
}

napi_value ReadBytes(const Arguments& args) {
  const View<uint8_t> target = args.Bytes(3);
  return args.Return(
      double(LogOf(args).ReadBytes(args.Integer(1), args.Integer(2), target.data, int64_t(target.length))));
}

napi_value Scan(const Arguments& args) {
  const Rows table = Table(args, 4);
  double* out = args.Doubles(5, kScanOutColumns);
  ScanResult result;
  const int32_t count =
      LogOf(args).Scan(args.Integer(1), args.Integer(2), args.Int32(3), table.rows, table.count, result);
  out[kScanOutNextPosition] = double(result.next_position);
  out[kScanOutStop] = result.stop;
  out[kScanOutDetail] = result.detail;
  out[kScanOutNextValidPosition] = double(result.next_valid_position);
  return args.Return(count);
}

napi_value FindValidBatchAfter(const Arguments& args) {
  return args.Return(double(LogOf(args).FindValidAfter(args.Integer(1), args.Integer(2), args.Integer(3))));
}

napi_value TruncateSegment(const Arguments& args) {
  LogOf(args).Truncate(args.Integer(1), args.Integer(2), args.Integer(3));
  return nullptr;
}

napi_value RemoveSegment(const Arguments& args) {
  LogOf(args).RemoveSegment(args.Integer(1), args.Text(2));
  return nullptr;
}

napi_value OfferRecycled(const Arguments& args) { return args.Return(LogOf(args).OfferRecycled(args.Text(1))); }

napi_value Flush(const Arguments& args) {
  LogOf(args).Flush(args.Integer(1));
  return nullptr;
}

napi_value StartFlush(const Arguments& args) {
  LogOf(args).StartFlush();
  return nullptr;
}

napi_value Checksum(const Arguments& args) {
  const View<uint8_t> bytes = args.Bytes(0);
  const uint32_t seed = args.Given(1) ? uint32_t(args.Integer(1)) : 0;
  return args.Return(double(Crc32c(bytes.data, bytes.length, seed)));
}

// Unpacks block[from, to) into target behind `at`; bytes written or a negative reason.
napi_value UnpackBlock(const Arguments& args) {
  const View<uint8_t> block = args.Bytes(0);
  const int64_t from = args.Integer(1);
  const int64_t to = args.Integer(2);
  const View<uint8_t> target = args.Bytes(3);
  const int64_t at = args.Integer(4);
  const int64_t end = args.Integer(5);
  Require(0 <= from && from <= to && to <= int64_t(block.length), "unpackLz4Block: the block lies outside its memory");
  Require(0 <= at && at <= end && end <= int64_t(target.length), "unpackLz4Block: the target lies outside its memory");
  return args.Return(double(UnpackLz4Block(block.data + from, size_t(to - from), target.data + at, size_t(end - at))));
}

// Process-wide counts for tests: [ranges, logs, sealed segments with open files].
napi_value Counts(const Arguments& args) {
  double* out = args.Doubles(0, 3);
  out[0] = double(RangeCount());
  out[1] = double(RegistryCount());
  out[2] = double(SealedFilesCount());
  return nullptr;
}

template <auto kFunction>
void Export(Napi::Object& exports, const char* name, Environment* environment) {
  napi_value function;
  if (napi_create_function(exports.Env(), name, NAPI_AUTO_LENGTH, Call<kFunction>, environment, &function) == napi_ok) {
    exports.Set(name, Napi::Value(exports.Env(), function));
  }
}

}  // namespace

void InitSegments(Napi::Env env, Napi::Object exports) {
  auto* environment = new Environment(env);
  napi_add_env_cleanup_hook(env, [](void* held) { delete static_cast<Environment*>(held); }, environment);
  exports.Set("constants", SegmentConstants(env));
  exports.Set("crc32cMethod", Crc32cMethod());
  Export<RegisterSlab>(exports, "registerSlab", environment);
  Export<OpenLog>(exports, "openLog", environment);
  Export<AttachLog>(exports, "attachLog", environment);
  Export<CloseLog>(exports, "closeLog", environment);
  Export<SetOptions>(exports, "setOptions", environment);
  Export<AddSegment>(exports, "addSegment", environment);
  Export<CreateSegment>(exports, "createSegment", environment);
  Export<PrepareSegment>(exports, "prepareSegment", environment);
  Export<Activate>(exports, "activate", environment);
  Export<Seal>(exports, "seal", environment);
  Export<Info>(exports, "segmentInfo", environment);
  Export<LogSizeBytes>(exports, "logSizeBytes", environment);
  Export<Validate>(exports, "validate", environment);
  Export<ValidateDecompressed>(exports, "validateRecords", environment);
  Export<Append>(exports, "append", environment);
  Export<Read>(exports, "read", environment);
  Export<ReadableBytes>(exports, "readableBytes", environment);
  Export<DropRange>(exports, "dropRange", environment);
  Export<CopyRange>(exports, "copyRange", environment);
  Export<FindByTimestamp>(exports, "findByTimestamp", environment);
  Export<MaxTimestampBatch>(exports, "maxTimestampBatch", environment);
  Export<FindBatch>(exports, "findBatch", environment);
  Export<ReadBytes>(exports, "readBytes", environment);
  Export<Scan>(exports, "scan", environment);
  Export<FindValidBatchAfter>(exports, "findValidBatchAfter", environment);
  Export<TruncateSegment>(exports, "truncate", environment);
  Export<RemoveSegment>(exports, "removeSegment", environment);
  Export<OfferRecycled>(exports, "offerRecycled", environment);
  Export<Flush>(exports, "flush", environment);
  Export<StartFlush>(exports, "startFlush", environment);
  Export<Checksum>(exports, "crc32c", environment);
  Export<UnpackBlock>(exports, "unpackLz4Block", environment);
  Export<Counts>(exports, "counts", environment);
}

}  // namespace millrace
