/** Messages between the main thread and a network thread (structured clone; bytes are transferred). */
import type { ReportLevel } from '../base/report.js';
import type { Hole } from '../wire/index.js';

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
  /** Of all network threads; `closed` tells of the end of those that fetch for share groups. */
  connection: number;
  listener: string;
  /** The request's body without header; owned by the receiver. */
  body: Uint8Array;
}

/** The body of an answer that the main thread encoded; ranges of logs go into its holes. */
export interface EncodedAnswer {
  body: Uint8Array;
  holes: Hole[];
}

export type ToNetwork =
  /** Metadata records as encoded in one or more batches of the metadata log, in order. */
  | { type: 'records'; batches: Uint8Array[]; lastOffset: number }
  | { type: 'placed'; placements: Placement[] }
  | { type: 'removed'; slots: number[] }
  /** body null = close the connection without an answer. */
  | { type: 'answer'; id: number; body: Uint8Array | null; holes: Hole[] }
  | { type: 'listen'; listeners: { name: string; host: string; port: number }[] }
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
  | { type: 'create-topics'; names: string[] }
  | { type: 'report'; level: ReportLevel; message: string; fields: Record<string, unknown> }
  | { type: 'drained' };
