/** Messages between the main thread and a network thread (structured clone; bytes are transferred). */
import type { ReportLevel } from '../base/report.js';
import type { Hole } from '../wire/index.js';
import type { QuotaClient } from './quota/client-quotas.js';
import type { ConnectionLimitSettings } from './quota/connection-limits.js';

/** Where a partition is hosted; slots are process-wide. */
export interface Placement {
  topicId: string;
  partition: number;
  slot: number;
  directory: string;
}

/** A request that the main thread serves. */
export interface ForwardedRequest {
  id: number;
  apiKey: number;
  version: number;
  clientId: string | null;
  clientHost: string;
  user: string;
  /** Of all network threads; `closed` tells of the end of those that fetch for share groups. */
  connection: number;
  listener: string;
  /** The request's body without header; owned by the receiver. */
  body: Uint8Array;
}

/** What the main thread answers. */
export interface ServedAnswer {
  /** The response's body without header; owned by the receiver. */
  body: Uint8Array;
  /** Ranges of logs go there. */
  holes: Hole[];
  /** The client must wait so long, and be told so. */
  throttleMs: number;
  /** Time of the main thread that it took. */
  workMs: number;
}

export type ToNetwork =
  /** Metadata records as encoded in one or more batches of the metadata log, in order. */
  | { type: 'records'; batches: Uint8Array[]; lastOffset: number }
  | { type: 'placed'; placements: Placement[] }
  | { type: 'removed'; slots: number[] }
  /** answer null = close the connection without one. */
  | { type: 'answer'; id: number; answer: ServedAnswer | null }
  | { type: 'listen'; listeners: { name: string; host: string; port: number }[] }
  /** The configuration of connection limits has changed. */
  | { type: 'connection-limits'; settings: ConnectionLimitSettings }
  | { type: 'stop-accepting' }
  | { type: 'shutdown' };

export type FromNetwork =
  | { type: 'started' }
  | { type: 'listening'; listeners: { name: string; host: string; port: number }[] }
  | { type: 'failed'; code: string; message: string }
  | { type: 'request'; request: ForwardedRequest }
  /** A connection is gone that had fetched for a share group. */
  | { type: 'closed'; connection: number }
  /** A partition that the main thread watches has changed; told by the thread whose append it was. */
  | { type: 'readable'; slot: number }
  /** Topics named by a Metadata request that may be created automatically. */
  | { type: 'create-topics'; names: string[]; client: QuotaClient }
  | { type: 'report'; level: ReportLevel; message: string; fields: Record<string, unknown> }
  | { type: 'drained' };
