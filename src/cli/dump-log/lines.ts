/**
 * What dump-log says, as values, and their two forms: Kafka's text, character for character (DumpLogSegments), and one
 * JSON object a line (`-o json`; 64-bit ids as strings).
 */

export interface BatchLine {
  kind: 'batch';
  /** magic 2 only; null for magic 0 and 1. */
  v2: {
    baseOffset: number;
    count: number;
    baseSequence: number;
    lastSequence: number;
    producerId: bigint;
    producerEpoch: number;
    partitionLeaderEpoch: number;
    isTransactional: boolean;
    isControl: boolean;
    deleteHorizonMs: number | null;
  } | null;
  lastOffset: number;
  position: number;
  timestampType: TimestampType;
  maxTimestamp: number;
  sizeBytes: number;
  magic: number;
  codec: string;
  crc: number;
  isValid: boolean;
}

export type TimestampType = 'CreateTime' | 'LogAppendTime' | 'NoTimestampType';

export interface RecordLine {
  kind: 'record';
  /** null with --skip-record-metadata. */
  metadata: {
    offset: number;
    timestampType: TimestampType;
    timestamp: number;
    keySize: number;
    valueSize: number;
    /** magic 2 */
    v2: { sequence: number; headerKeys: string[] } | null;
    /** magic 0 and 1 */
    legacy: { isValid: boolean; crc: number } | null;
    /** What a control record says; null for data. */
    control: string | null;
  } | null;
  /** Decoded; null = not there, undefined = not asked for. */
  key?: string | null;
  payload?: string | null;
}

export type Line =
  | { kind: 'file'; file: string }
  | { kind: 'logStart'; offset: number }
  | { kind: 'bootstrap' }
  | { kind: 'snapshotEnd'; offset: number; epoch: number }
  | BatchLine
  | RecordLine
  | { kind: 'trailing'; bytes: number; file: string }
  | { kind: 'empty'; file: string }
  | { kind: 'sane'; file: string }
  | { kind: 'offsetEntry'; offset: number; position: number }
  | { kind: 'timeEntry'; timestamp: number; offset: number }
  | {
      kind: 'abortedTransaction';
      version: number;
      producerId: bigint;
      firstOffset: bigint;
      lastOffset: bigint;
      lastStableOffset: bigint;
    }
  | ProducerLine;

export interface ProducerLine {
  kind: 'producer';
  producerId: bigint;
  producerEpoch: number;
  coordinatorEpoch: number;
  currentTxnFirstOffset: bigint | null;
  lastTimestamp: bigint;
  /** null when no batch is known. */
  batch: { firstSequence: number; lastSequence: number; lastOffset: bigint; offsetDelta: number } | null;
}

/** Where lines go. */
export interface Sink {
  line(line: Line): void;
  /** For people, on stderr, in both forms. */
  problem(text: string): void;
}

export function jsonOf(line: Line): string {
  return JSON.stringify(line, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
}

export function textOf(line: Line): string {
  switch (line.kind) {
    case 'file':
      return `Dumping ${line.file}`;
    case 'logStart':
      return `Log starting offset: ${line.offset}`;
    case 'bootstrap':
      return 'KRaft bootstrap snapshot';
    case 'snapshotEnd':
      return `Snapshot end offset: ${line.offset}, epoch: ${line.epoch}`;
    case 'batch':
      return batchText(line);
    case 'record':
      return recordText(line);
    case 'trailing':
      return `Found ${line.bytes} invalid bytes at the end of ${line.file}`;
    case 'empty':
      return `${line.file} is empty.`;
    case 'sane':
      return `${line.file} passed sanity check.`;
    case 'offsetEntry':
      return `offset: ${line.offset} position: ${line.position}`;
    case 'timeEntry':
      return `timestamp: ${line.timestamp} offset: ${line.offset}`;
    case 'abortedTransaction':
      return (
        `version: ${line.version} producerId: ${line.producerId} firstOffset: ${line.firstOffset}` +
        ` lastOffset: ${line.lastOffset} lastStableOffset: ${line.lastStableOffset}`
      );
    case 'producer':
      return producerText(line);
  }
}

/** Java's OptionalLong. */
function optional(value: number | bigint | null): string {
  return value === null ? 'OptionalLong.empty' : `OptionalLong[${value}]`;
}

function batchText(line: BatchLine): string {
  const { v2 } = line;
  const head =
    v2 === null
      ? `offset: ${line.lastOffset}`
      : `baseOffset: ${v2.baseOffset} lastOffset: ${line.lastOffset} count: ${v2.count}` +
        ` baseSequence: ${v2.baseSequence} lastSequence: ${v2.lastSequence}` +
        ` producerId: ${v2.producerId} producerEpoch: ${v2.producerEpoch}` +
        ` partitionLeaderEpoch: ${v2.partitionLeaderEpoch} isTransactional: ${v2.isTransactional}` +
        ` isControl: ${v2.isControl} deleteHorizonMs: ${optional(v2.deleteHorizonMs)}`;
  return (
    `${head} position: ${line.position} ${line.timestampType}: ${line.maxTimestamp} size: ${line.sizeBytes}` +
    ` magic: ${line.magic} compresscodec: ${line.codec} crc: ${line.crc} isvalid: ${line.isValid}`
  );
}

function recordText(line: RecordLine): string {
  const { metadata, key, payload } = line;
  let text = '';
  if (metadata !== null) {
    text =
      `| offset: ${metadata.offset} ${metadata.timestampType}: ${metadata.timestamp}` +
      ` keySize: ${metadata.keySize} valueSize: ${metadata.valueSize}`;
    if (metadata.v2 !== null) {
      text += ` sequence: ${metadata.v2.sequence} headerKeys: [${metadata.v2.headerKeys.join(',')}]`;
    }
    if (metadata.legacy !== null) text += ` isValid: ${metadata.legacy.isValid} crc: ${metadata.legacy.crc}`;
    if (metadata.control !== null) text += ` ${metadata.control}`;
  }
  const contents: string[] = [];
  if (key !== undefined && key !== null) contents.push(`key: ${key}`);
  if (payload !== undefined && payload !== null) contents.push(`payload: ${payload}`);
  if (contents.length === 0) return text;
  return `${metadata === null ? '|' : text} ${contents.join(' ')}`;
}

function producerText(line: ProducerLine): string {
  const { batch } = line;
  const head =
    `producerId: ${line.producerId} producerEpoch: ${line.producerEpoch} coordinatorEpoch: ${line.coordinatorEpoch}` +
    ` currentTxnFirstOffset: ${optional(line.currentTxnFirstOffset)} lastTimestamp: ${line.lastTimestamp}`;
  if (batch === null) return head;
  return (
    `${head} firstSequence: ${batch.firstSequence} lastSequence: ${batch.lastSequence}` +
    ` lastOffset: ${batch.lastOffset} offsetDelta: ${batch.offsetDelta} timestamp: ${line.lastTimestamp}`
  );
}
