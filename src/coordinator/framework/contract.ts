/**
 * What a coordinator is (groups, transactions, share groups): a state machine whose memory is a partition of an internal
 * topic. It decides, it does nothing: every call returns an `Outcome`. The runtime (broker/main/coordinators) appends the
 * records as one batch, replays them at once, keeps the answers until the batch is as durable as configured, and sets
 * the timers. Kafka's counterpart: CoordinatorShard and CoordinatorRuntime.
 *
 *   request ──> shard.<api>(token, …, nowMs) ──> Outcome ──> append ─ durable ─> answers
 *   timer   ──> shard.onTimer(key, nowMs)    ──> Outcome
 *   start   ──> shard.replay(record) … shard.onLoaded(nowMs) ──> Outcome
 *
 * Rules: time comes as an argument (ms since 1970); nothing is read or written elsewhere; state changes that must survive a
 * restart happen in `replay` only, so that the log and the memory cannot part. State that a restart may forget (who waits
 * for a join, session deadlines) changes in the calls. When an append fails, the runtime drops the shard, answers with
 * `Answer.failure` and reads the partition again: there is nothing to undo.
 */

/** One record of a coordinator's topic. A null value is a tombstone. */
export interface CoordinatorRecord {
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
}

/** Names a request that waits for its answer; the runtime's, opaque to the shard. */
export type RequestToken = number;

/** An answer to a request, its own or one that waited (a JoinGroup answered by another member's). */
export interface Answer<Response = unknown> {
  readonly token: RequestToken;
  readonly response: Response;
  /** The same answer when the records could not be written; `error` is a code for coordinators (KafkaError). */
  readonly failure: (error: number) => Response;
}

/** Sets (or moves) the timer `key`; `atMs: null` cancels it. `onTimer` runs once, at or after `atMs`. */
export interface TimerChange {
  readonly key: string;
  readonly atMs: number | null;
}

export interface Outcome<Rec> {
  /** Written as one atomic batch, in this order. */
  readonly records: readonly Rec[];
  /** Given when the records, and all earlier ones of the shard, are durable. */
  readonly answers: readonly Answer[];
  readonly timers: readonly TimerChange[];
}

/** Where a record lies: what a shard may want to remember of it. */
export interface RecordPosition {
  readonly offset: number;
  /** −1 unless the record is part of a transaction (offsets committed by TxnOffsetCommit). */
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

/** One partition's state. All calls come from one thread. */
export interface CoordinatorShard<Rec> {
  /** Applies a record: at start from the log, later right after the decision that made it. */
  replay(record: Rec, position: RecordPosition): void;
  /** A transaction marker in the log: what the producer's transaction wrote is committed or forgotten. */
  replayEndTransaction?(producerId: bigint, committed: boolean): void;
  /** The log is read to its end: arms timers, completes what a stop had interrupted. */
  onLoaded(nowMs: number): Outcome<Rec>;
  onTimer(key: string, nowMs: number): Outcome<Rec>;
  /** Kafka's answer (NOT_COORDINATOR) to everybody who waits; the shard is dropped afterwards. */
  onUnloaded(): Outcome<Rec>;
}

/** Kafka's bytes of a record type. `decode` returns null for a record this version does not know (newer key types). */
export interface RecordSerde<Rec> {
  encode(record: Rec): CoordinatorRecord;
  decode(key: Uint8Array, value: Uint8Array | null): Rec | null;
}
