/**
 * What the main thread, partition workers and network threads say to each other on message ports. Bytes and completions
 * never travel here; commands, answers, refusal texts and the introduction of threads to each other do.
 */
import type { MessagePort } from 'node:worker_threads';
import type { OperationErrorCode } from '../base/errors.js';
import type { ReportLevel } from '../base/report.js';
import type { LogConfig, LogSpec } from '../storage/contract.js';
import type { AppendCompletion } from './contract.js';
import type { SeamMemory } from './seam-memory.js';

/** Given to a worker at its start. */
export interface WorkerStart {
  worker: number;
  memory: SeamMemory;
  /** By thread index: this worker's end of its port to that thread. */
  threadPorts: MessagePort[];
  engine: EngineKind;
  housekeepingMs: number;
  /** log.retention.check.interval.ms */
  retentionCheckMs: number;
}

/** Which segment engine a worker uses: `auto` takes the addon when it can be loaded. */
export type EngineKind = 'auto' | 'native' | 'portable';

export interface RecordPosition {
  offset: number;
  timestamp: number;
  leaderEpoch: number;
}

/** Name -> arguments and result. */
export interface Commands {
  /** Opens or creates logs, in one message so that specs share what they have in common; `slot` is -1. `offlineReasons` in
   *  the order of `specs`; null = online. */
  open: {
    args: { slots: readonly number[]; specs: readonly LogSpec[] };
    result: { offlineReasons: (string | null)[] };
  };
  setConfig: { args: { config: LogConfig }; result: null };
  becomeLeader: { args: { leaderEpoch: number }; result: null };
  deleteRecords: { args: { offset: number }; result: { error: number; lowWatermark: number } };
  flush: { args: object; result: null };
  /** Result: the renamed directory, which the main thread removes later; null = there was no log to close. */
  delete: { args: object; result: { removed: string | null } };
  describe: { args: object; result: { sizeBytes: number; producers: unknown[] } };
  findByTimestamp: { args: { timestamp: number }; result: RecordPosition | null };
  findMaxTimestamp: { args: object; result: RecordPosition | null };
  endOffsetForEpoch: { args: { leaderEpoch: number }; result: { leaderEpoch: number; endOffset: number } };
  abortedTransactions: {
    args: { from: number; to: number };
    result: { producerId: bigint; firstOffset: number }[];
  };
  /** Answer to `flush` of WorkerMessage; null = the flush failed, the log is lost. */
  flushed: { args: { upTo: number | null; reason: string }; result: null };
  /** Closes every log of the worker; `slot` is -1. The worker exits after answering. */
  shutdown: { args: { clean: boolean }; result: null };
}
export type CommandName = keyof Commands;

/** Main -> worker, announced by the ring's control flag. */
export type Command = {
  [Name in CommandName]: { id: number; slot: number; name: Name; args: Commands[Name]['args'] };
}[CommandName];

/** Worker -> main. */
export type WorkerMessage =
  | { kind: 'result'; id: number; result: unknown }
  | { kind: 'failure'; id: number; code: OperationErrorCode; message: string }
  | { kind: 'offline'; slot: number; reason: string }
  /** Delete the `.log` of a segment that is gone. */
  | { kind: 'remove'; path: string }
  /** A roll: make these offsets durable, then answer with the command `flushed`. */
  | { kind: 'flush'; slot: number; directory: string; fromOffset: number; upTo: number }
  | { kind: 'report'; level: ReportLevel; message: string; fields: Record<string, unknown> };

/** Main -> network thread. */
export type GatewayMessage =
  | { kind: 'worker'; worker: number; port: MessagePort }
  | { kind: 'learn'; logs: readonly LearntLog[] };

/** Where a slot's log lies and which worker writes it. */
export interface LearntLog {
  slot: number;
  directory: string;
  worker: number;
}

/** Worker -> network thread, on the port between the two. `wake` only for threads without a native handle. */
export type ThreadMessage =
  | { kind: 'detail'; request: number; detail: NonNullable<AppendCompletion['detail']> }
  | { kind: 'wake' }
  /** First of all: the worker's producer table, for threads that help. */
  | { kind: 'producers'; handle: SharedArrayBuffer };
