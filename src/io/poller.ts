/**
 * Sockets of one network thread, behind one interface with two implementations: the addon's epoll poller and a twin on
 * node:net. It accepts, cuts length-prefixed frames into the thread's slab, and calls `onTurn` once per loop turn;
 * answers leave in the order they are submitted. It knows no API and keeps no JavaScript object per connection.
 *
 * A connection is (index, generation): index is reused, generation tells the lives apart. A command for an older
 * generation is ignored and its frames and ranges are released.
 */
import type { SegmentEngine } from './segment-engine.js';

/** Words of one event row in `Poller.events`. */
export const EVENT_WORDS = 8;
export const EventKind = {
  /** a, b: slab position and length of the frame body (after the 4-byte length). The frame stays there until freed.
   *  The first frame of what was received lies at a multiple of 8; those cut behind it lie where they arrived. */
  frame: 1,
  /** a: listener id; call `peerAddress(index)` for the client's address. */
  opened: 2,
  /** a: CloseReason; b: bytes of queued answers that were thrown away. Connection -1: connections refused since the last
   *  turn, before they were opened (reason limit: c = how many; reason error: c = errno, EMFILE or ENFILE). */
  closed: 3,
} as const;
/** Columns of an event row: kind, connection index, generation, then a, b, c, d, e. */
export const EventWord = { kind: 0, connection: 1, generation: 2, a: 3, b: 4, c: 5 } as const;

export const CloseReason = {
  peer: 1, // FIN or RST
  idle: 2, // connections.max.idle.ms
  badFrame: 3, // negative or oversized length; c = the length read (HTTP and TLS bytes end here)
  requested: 4, // CommandKind.close
  stalled: 5, // partial frame without progress for 30 s while others wait for slab space
  error: 6, // socket error; c = errno
  limit: 7, // accept limit (max.connections, max.connections.per.ip)
  slowReader: 8, // queued answers exceeded the limit and made no progress for the idle time
} as const;

/** Words of one command row in `Poller.commands`. */
export const COMMAND_WORDS = 8;
export const CommandKind = {
  /** a, b: position and length in `Poller.outbound`; written or copied before `submit` returns. */
  bytes: 1,
  /** a: range token (taken over), b: from, c: length. */
  range: 2,
  /** a: slab position of a frame whose bytes are no longer needed. connection may be gone already. */
  freeFrame: 3,
  /** Close after what is queued has been sent (a = 0) or at once (a = 1). */
  close: 4,
  /** Stop / resume reading (throttle, order, back-pressure from above). a = ms to stay muted, 0 = until unmuted. The
   *  two are independent: unmute ends a mute with a = 0, a timed mute runs out by itself. */
  mute: 5,
  unmute: 6,
} as const;
export const CommandWord = { kind: 0, connection: 1, generation: 2, a: 3, b: 4, c: 5 } as const;

export interface PollerOptions {
  /** The thread's slab: frames land here. SharedArrayBuffer-backed so that partition workers append straight from it. */
  slab: Uint8Array;
  frameBytesMax: number; // socket.request.max.bytes
  idleMsMax: number; // connections.max.idle.ms; -1 = never
  connectionsMax: number; // max.connections
  connectionsPerIpMax: number; // max.connections.per.ip
  outboundQueueBytesMax: number; // queued answer bytes of one connection before its reading stops
  sendBufferBytes: number; // socket.send.buffer.bytes, -1 = system default
  receiveBufferBytes: number; // socket.receive.buffer.bytes, -1 = system default
  engine: SegmentEngine; // the portable twin copies ranges through it
  /** `count` rows of `events` are ready. Runs on the thread's event loop; commands submitted inside are sent at its end. */
  onTurn: (count: number) => void;
  /** Another thread called wake(): rings may hold completions. */
  onWake: () => void;
}

export interface Poller {
  readonly events: Int32Array;
  readonly commands: Int32Array;
  /** Scratch for answer bytes, reusable after each submit. */
  readonly outbound: Uint8Array;
  /** Binds and listens. Rejects with code EADDRINUSE, EACCES, EADDRNOTAVAIL. Port 0 picks one. reusePort lets each
   *  network thread accept (addon only: node:net of Node 20 cannot). "localhost" means 127.0.0.1 and ::1, "" all. */
  listen(
    host: string,
    port: number,
    backlog: number,
    reusePort: boolean,
  ): Promise<{ listener: number; port: number }>;
  /** Stops accepting; open connections live on. */
  stopListening(): void;
  /** Executes `count` rows of `commands`. */
  submit(count: number): void;
  /** Queues a large answer that does not fit `outbound`; the bytes are copied or pinned until sent. */
  sendBuffer(connection: number, generation: number, bytes: Uint8Array): void;
  peerAddress(connection: number): { host: string; port: number };
  localPort(connection: number): number;
  /** Process-wide handle that any thread gives to `wakePoller` (addon) or posts to (portable). */
  readonly wakeHandle: WakeHandle;
  stats(): { connections: number; slabBytesUsed: number; queuedBytes: number; framesHeld: number };
  /** Closes every socket and releases everything. */
  close(): void;
}

export type WakeHandle =
  | { kind: 'native'; id: number }
  | { kind: 'port'; port: import('node:worker_threads').MessagePort };
/** Wakes a poller from any thread. Cheap when it is already awake: callers wake on empty -> non-empty only. */
export type WakeFunction = (handle: WakeHandle) => void;
