/**
 * What to do with the files found in a partition directory before its segments are read (Kafka's LogLoader, its four
 * passes over the directory). Pure: names and sizes in, removals, renames and segments out.
 */
import { LogSuffix, parseSegmentFileName, segmentFileName } from './files/file-names.js';

export interface FoundFile {
  name: string;
  sizeBytes: number;
}

export interface DirectoryPlan {
  /** File names to delete, in order. */
  remove: string[];
  /** `.swap` files that become live; the `.log` of a segment comes last. */
  rename: { from: string; to: string }[];
  /** Base offsets, rising. */
  segments: number[];
  /** Segments whose indexes are missing or broken and are made anew from the log. */
  rebuild: Set<number>;
  /** Offsets of producer snapshots, rising. */
  snapshots: number[];
}

const OFFSET_ENTRY_BYTES = 8;
const TIME_ENTRY_BYTES = 12;

/** Is it a file that the plan has to know? */
export function matters(name: string): boolean {
  return name.endsWith(LogSuffix.deleted) || parseSegmentFileName(name) !== null;
}

/** `nextOffsetOf(name)`: offset after the last batch in a `.log.swap` file. */
export function planDirectory(
  files: readonly FoundFile[],
  nextOffsetOf: (name: string) => number,
): DirectoryPlan {
  const remove: string[] = [];
  let live = new Map<string, number>();
  const parsed = files.flatMap(({ name, sizeBytes }) => {
    if (name.endsWith(LogSuffix.deleted) && !name.endsWith('.checkpoint.deleted')) {
      remove.push(name); // whatever it was, it was on its way out
      return [];
    }
    const file = parseSegmentFileName(name);
    return file === null ? [] : [{ name, sizeBytes, ...file }];
  });
  const cleaned = parsed.filter((file) => file.state === LogSuffix.cleaned);
  remove.push(...cleaned.map((file) => file.name));
  const firstCleaned = Math.min(Number.POSITIVE_INFINITY, ...cleaned.map((file) => file.offset));
  // An interrupted clean invalidates what it would have swapped in later.
  const swaps = parsed.filter((file) => file.state === LogSuffix.swap);
  remove.push(...swaps.filter((file) => file.offset >= firstCleaned).map((file) => file.name));
  const good = swaps.filter((file) => file.offset < firstCleaned);
  for (const file of parsed) if (file.state === '') live.set(file.name, file.sizeBytes);

  const swapLogs = good.filter((file) => file.kind === LogSuffix.log);
  const swapStart = Math.min(Number.POSITIVE_INFINITY, ...swapLogs.map((file) => file.offset));
  const swapEnd = Math.max(Number.NEGATIVE_INFINITY, ...swapLogs.map((file) => nextOffsetOf(file.name)));
  for (const file of parsed) {
    if (file.state !== '' || file.kind === LogSuffix.snapshot) continue;
    if (file.offset >= swapStart && file.offset < swapEnd) {
      remove.push(file.name); // superseded by the swap file
      live.delete(file.name);
    }
  }
  const logsLast = [...good].sort(
    (a, b) => Number(a.kind === LogSuffix.log) - Number(b.kind === LogSuffix.log),
  );
  const rename = logsLast.map((file) => ({ from: file.name, to: segmentFileName(file.offset, file.kind) }));
  for (const file of good) live.set(segmentFileName(file.offset, file.kind), file.sizeBytes);

  live = dropOrphans(live, remove);
  const names = [...live.keys()].map(parseSegmentFileName).filter((file) => file !== null);
  const offsets = (kind: string): number[] =>
    names
      .filter((file) => file.kind === kind)
      .map((file) => file.offset)
      .sort((a, b) => a - b);
  const segments = offsets(LogSuffix.log);
  const rebuild = new Set(segments.filter((base) => indexesBroken(base, live)));
  return { remove, rename, segments, rebuild, snapshots: offsets(LogSuffix.snapshot) };
}

/** An index without its `.log` means nothing. */
function dropOrphans(live: Map<string, number>, remove: string[]): Map<string, number> {
  const kept = new Map<string, number>();
  for (const [name, sizeBytes] of live) {
    const file = parseSegmentFileName(name);
    const needsLog = file !== null && file.kind !== LogSuffix.log && file.kind !== LogSuffix.snapshot;
    if (needsLog && !live.has(segmentFileName(file.offset, LogSuffix.log))) remove.push(name);
    else kept.set(name, sizeBytes);
  }
  return kept;
}

function indexesBroken(base: number, live: ReadonlyMap<string, number>): boolean {
  const offsetIndex = live.get(segmentFileName(base, LogSuffix.index));
  const timeIndex = live.get(segmentFileName(base, LogSuffix.timeIndex));
  if (offsetIndex === undefined || timeIndex === undefined) return true;
  return offsetIndex % OFFSET_ENTRY_BYTES !== 0 || timeIndex % TIME_ENTRY_BYTES !== 0;
}

/** Do the last rows of an `.index` (offset i32, position i32) rise, inside the segment? `rows`: whole rows. */
export function offsetRowsRise(rows: Uint8Array, logBytes: number): boolean {
  const view = new DataView(rows.buffer, rows.byteOffset, rows.byteLength);
  let offset = -1;
  let position = -1;
  for (let at = 0; at + OFFSET_ENTRY_BYTES <= rows.length; at += OFFSET_ENTRY_BYTES) {
    if (view.getInt32(at) <= offset || view.getInt32(at + 4) <= position) return false;
    offset = view.getInt32(at);
    position = view.getInt32(at + 4);
  }
  return position < logBytes;
}

/** Do the last rows of a `.timeindex` (timestamp i64, offset i32) rise? (KAFKA-19407) */
export function timeRowsRise(rows: Uint8Array): boolean {
  const view = new DataView(rows.buffer, rows.byteOffset, rows.byteLength);
  let timestamp = -1n;
  let offset = -1;
  for (let at = 0; at + TIME_ENTRY_BYTES <= rows.length; at += TIME_ENTRY_BYTES) {
    if (view.getBigInt64(at) <= timestamp || view.getInt32(at + 8) < offset) return false;
    timestamp = view.getBigInt64(at);
    offset = view.getInt32(at + 8);
  }
  return true;
}

/** What damage found by a scan means. */
export type Verdict =
  /** The log ends here: nothing was lost that anyone was told is safe. */
  | { kind: 'clean-end' }
  /** A write that never finished: cut it. */
  | { kind: 'torn-tail' }
  /** A power cut lost pages above the recovery point: cut as Kafka does, keep the bytes. */
  | { kind: 'power-cut' }
  | { kind: 'corrupt'; why: string };

export interface Damage {
  /** `damaged`: a torn or bad batch; `unused`: zeros or batches of an older life of the file. */
  found: 'damaged' | 'unused';
  /** Offset that should follow the last good batch. */
  nextOffset: number;
  recoveryPoint: number;
  sameBoot: boolean;
  /** A good batch follows later in this segment or in a later one. */
  goodFollows: boolean;
}

/**
 * Corruption or torn tail? The page cache survives a crash of the process, so within one boot nothing good can follow
 * a hole; and what was fsynced (below the recovery point) is never cut away silently (CORDS, FAST'17; PAR, FAST'18).
 */
export function judge(damage: Damage): Verdict {
  if (damage.found === 'damaged' && damage.nextOffset < damage.recoveryPoint) {
    return { kind: 'corrupt', why: 'it lies below the recovery point, in data that was flushed' };
  }
  if (damage.goodFollows) {
    if (damage.nextOffset < damage.recoveryPoint) {
      return { kind: 'corrupt', why: 'flushed data is missing before good batches' };
    }
    if (damage.sameBoot)
      return { kind: 'corrupt', why: 'good batches follow, and the machine has not rebooted since' };
    return { kind: 'power-cut' };
  }
  if (damage.found === 'unused') return { kind: 'clean-end' };
  return { kind: damage.sameBoot ? 'torn-tail' : 'power-cut' };
}
