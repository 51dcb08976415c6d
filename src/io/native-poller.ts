/**
 * `Poller` on the addon (native/core/poller.h): an epoll set per network thread, watched by one libuv handle; one call
 * into JavaScript per loop turn. Owned by the thread that creates it; only `wake` may be called from elsewhere.
 */
import { assert, assertInteger } from '../base/assert.js';
import {
  CloseReason,
  COMMAND_WORDS,
  CommandKind,
  EVENT_WORDS,
  EventKind,
  type Poller,
  type PollerOptions,
  type WakeFunction,
  type WakeHandle,
} from './poller.js';

/** What the addon exports for pollers. Pollers are numbers; they belong to the creating thread. */
export interface PollerAddon {
  pollerCreate(
    options: Record<string, unknown>,
    slab: Uint8Array,
    events: Int32Array,
    commands: Int32Array,
    outbound: Uint8Array,
    turn: (rows: number, woken: boolean) => void,
  ): number;
  pollerListen(
    id: number,
    host: string,
    port: number,
    backlog: number,
    reusePort: boolean,
  ): [listener: number, port: number];
  pollerStopListening(id: number): void;
  pollerSubmit(id: number, rows: number): void;
  pollerSendBuffer(id: number, connection: number, generation: number, bytes: Uint8Array): void;
  pollerPeerAddress(id: number, connection: number): [host: string, port: number];
  pollerLocalPort(id: number, connection: number): number;
  pollerStats(
    id: number,
  ): [connections: number, slabBytesUsed: number, queuedBytes: number, framesHeld: number, lingering: number];
  pollerClose(id: number): void;
  pollerWake(id: number): boolean;
  pollerLayout(): Record<string, number>;
}

/** Rows of `events`: a turn reports at most this many, the rest follows in the next. */
export const EVENT_ROWS = 4096;
export const COMMAND_ROWS = 4096;
export const OUTBOUND_BYTES = 1024 * 1024;
/** A partial frame without progress for so long is closed while others wait for slab space. */
export const STALLED_MS = 30_000;
/** Largest slab: positions are 31-bit. */
export const SLAB_BYTES_MAX = 0x7fff_0000;

/** Throws when the addon was built from other numbers than src/io/poller.ts. */
export function assertPollerLayout(addon: PollerAddon): void {
  const layout = addon.pollerLayout();
  const expected: Record<string, number> = {
    eventWords: EVENT_WORDS,
    commandWords: COMMAND_WORDS,
    ...EventKind,
    ...CommandKind,
    ...CloseReason,
  };
  for (const [name, value] of Object.entries(expected)) {
    assert(layout[name] === value, `addon layout: ${name} is ${layout[name]}, expected ${value}`);
  }
}

export class NativePoller implements Poller {
  readonly events = new Int32Array(EVENT_ROWS * EVENT_WORDS);
  readonly commands = new Int32Array(COMMAND_ROWS * COMMAND_WORDS);
  readonly outbound = new Uint8Array(OUTBOUND_BYTES);
  readonly wakeHandle: WakeHandle;
  readonly #addon: PollerAddon;
  readonly #id: number;
  #closed = false;

  constructor(addon: PollerAddon, options: PollerOptions, stalledMs = STALLED_MS) {
    assertPollerLayout(addon);
    assertInteger(options.slab.length, addon.pollerLayout().slabBytesMin, SLAB_BYTES_MAX, 'slab bytes');
    this.#addon = addon;
    const { slab, engine, onTurn, onWake, ...limits } = options;
    assert(engine.name === 'native', 'range tokens of another engine mean nothing to the addon');
    const turn = (rows: number, woken: boolean): void => {
      if (rows > 0) onTurn(rows);
      if (woken && !this.#closed) onWake();
    };
    this.#id = addon.pollerCreate(
      { ...limits, stalledMs },
      slab,
      this.events,
      this.commands,
      this.outbound,
      turn,
    );
    this.wakeHandle = { kind: 'native', id: this.#id };
  }

  async listen(
    host: string,
    port: number,
    backlog: number,
    reusePort: boolean,
  ): Promise<{ listener: number; port: number }> {
    assertInteger(port, 0, 65_535, 'port');
    const [listener, bound] = this.#addon.pollerListen(this.#id, host, port, backlog, reusePort);
    return { listener, port: bound };
  }

  stopListening(): void {
    if (!this.#closed) this.#addon.pollerStopListening(this.#id);
  }

  submit(count: number): void {
    assertInteger(count, 0, COMMAND_ROWS, 'command rows');
    if (!this.#closed) this.#addon.pollerSubmit(this.#id, count);
  }

  sendBuffer(connection: number, generation: number, bytes: Uint8Array): void {
    if (!this.#closed) this.#addon.pollerSendBuffer(this.#id, connection, generation, bytes);
  }

  peerAddress(connection: number): { host: string; port: number } {
    const [host, port] = this.#addon.pollerPeerAddress(this.#id, connection);
    return { host, port };
  }

  localPort(connection: number): number {
    return this.#addon.pollerLocalPort(this.#id, connection);
  }

  stats(): { connections: number; slabBytesUsed: number; queuedBytes: number; framesHeld: number } {
    if (this.#closed) return { connections: 0, slabBytesUsed: 0, queuedBytes: 0, framesHeld: 0 };
    const [connections, slabBytesUsed, queuedBytes, framesHeld] = this.#addon.pollerStats(this.#id);
    return { connections, slabBytesUsed, queuedBytes, framesHeld };
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#addon.pollerClose(this.#id);
  }
}

/** Wakes pollers of either kind; `addon` is null where only the portable twin runs. */
export function wakeFunction(addon: PollerAddon | null): WakeFunction {
  return (handle) => {
    if (handle.kind === 'native') {
      assert(addon !== null, 'a native poller cannot be woken without the addon');
      addon.pollerWake(handle.id);
    } else {
      handle.port.postMessage(0);
    }
  };
}
