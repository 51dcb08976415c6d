/**
 * Names of everything in a log directory (Kafka's LogFileUtils, LocalLog, UnifiedLog). Pure text.
 *
 * ```
 *  <log dir>/<topic>-<partition>/00000000000000000000.log .index .timeindex .txnindex .snapshot
 *            <topic>-<partition>.<32 hex digits>-delete | -stray | -future
 *            <topic>-<partition>.<base offset>.cut-<ms>      bytes that a recovery cut off (a plain file)
 * ```
 */
import { assertInteger } from '../../base/assert.js';

export const LogSuffix = {
  log: '.log',
  index: '.index',
  timeIndex: '.timeindex',
  transactionIndex: '.txnindex',
  snapshot: '.snapshot',
  deleted: '.deleted',
  cleaned: '.cleaned',
  swap: '.swap',
  temporary: '.tmp',
} as const;

/** Suffixes of the files that make up one segment. */
export const SEGMENT_SUFFIXES: readonly string[] = [
  LogSuffix.log,
  LogSuffix.index,
  LogSuffix.timeIndex,
  LogSuffix.transactionIndex,
];

export const LEADER_EPOCH_FILE = 'leader-epoch-checkpoint';
export const PARTITION_METADATA_FILE = 'partition.metadata';
export const META_PROPERTIES_FILE = 'meta.properties';
export const CLEAN_SHUTDOWN_FILE = '.kafka_cleanshutdown';
export const LOCK_FILE = '.lock';
export const METADATA_LOG_DIRECTORY = '__cluster_metadata-0';
export const REMOTE_INDEX_CACHE_DIRECTORY = 'remote-log-index-cache';

/** Length of a file name on every file system Kafka cares for. */
export const FILE_NAME_LENGTH_MAX = 255;

/** `%020d`. */
export function offsetText(offset: number): string {
  assertInteger(offset, 0, Number.MAX_SAFE_INTEGER, 'offset');
  return String(offset).padStart(20, '0');
}

export function segmentFileName(baseOffset: number, suffix: string): string {
  return offsetText(baseOffset) + suffix;
}

export interface SegmentFileName {
  offset: number;
  /** `.log`, `.index`, `.timeindex`, `.txnindex` or `.snapshot`. */
  kind: string;
  /** ``, `.deleted`, `.cleaned` or `.swap`. */
  state: string;
}

const SEGMENT_FILE =
  /^(\d{20})(\.log|\.index|\.timeindex|\.txnindex|\.snapshot)(|\.deleted|\.cleaned|\.swap)$/;

/** null = not a file of a segment (or an offset beyond 2^53). */
export function parseSegmentFileName(name: string): SegmentFileName | null {
  const match = SEGMENT_FILE.exec(name);
  if (match === null) return null;
  const [, digits = '', kind = '', state = ''] = match;
  const offset = Number(digits);
  return Number.isSafeInteger(offset) ? { offset, kind, state } : null;
}

export function partitionDirectoryName(topic: string, partition: number): string {
  return `${topic}-${partition}`;
}

export type DirectoryName =
  | { kind: 'partition'; topic: string; partition: number }
  | { kind: 'delete' | 'stray' | 'future'; topic: string; partition: number }
  | { kind: 'other' };

const MOVED = /^(\S+)-(\S+)\.(\S+)-(delete|stray|future)$/;

/** What a directory below a log dir is by its name. `other` stops Kafka's start unless it is one of the two it skips. */
export function parseDirectoryName(name: string): DirectoryName {
  const moved = MOVED.exec(name);
  if (moved !== null) {
    const [, topic = '', partition = '', , kind = ''] = moved;
    if (kind === 'delete' || kind === 'stray' || kind === 'future') {
      // A long topic is cut in the name, so the partition may be unreadable for -delete and -stray; nobody needs it.
      return { kind, topic, partition: /^\d+$/.test(partition) ? Number(partition) : -1 };
    }
  }
  const dash = name.lastIndexOf('-');
  const partition = name.slice(dash + 1);
  if (dash <= 0 || !/^\d{1,10}$/.test(partition) || /\s/.test(name)) return { kind: 'other' };
  return { kind: 'partition', topic: name.slice(0, dash), partition: Number(partition) };
}

/**
 * `<topic>-<partition>.<uuid>-delete`, the topic cut so that the name has at most 255 characters.
 * `uniqueId`: 32 hexadecimal digits.
 */
export function movedDirectoryName(
  topic: string,
  partition: number,
  uniqueId: string,
  suffix: 'delete' | 'stray',
): string {
  const tail = `-${partition}.${uniqueId}-${suffix}`;
  return topic.slice(0, FILE_NAME_LENGTH_MAX - tail.length) + tail;
}

/** Name of the plain file in the log dir's root that keeps the bytes a recovery cut off. */
export function cutFileName(topic: string, partition: number, baseOffset: number, nowMs: number): string {
  const tail = `-${partition}.${baseOffset}.cut-${nowMs}`;
  return topic.slice(0, FILE_NAME_LENGTH_MAX - tail.length) + tail;
}
