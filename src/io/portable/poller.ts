/**
 * `Poller` on node:net, for platforms and tests without the addon: same rows, same promises, more garbage. One turn per
 * loop iteration (setImmediate). Ranges are copied through the segment engine. Cannot share a port between threads.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { constants } from 'node:os';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { assert, assertInteger, unreachable } from '../../base/assert.js';
import { systemCode } from '../../base/errors.js';
import { systemClock } from '../clock.js';
import {
  CloseReason,
  COMMAND_WORDS,
  CommandKind,
  CommandWord,
  EVENT_WORDS,
  EventKind,
  EventWord,
  type Poller,
  type PollerOptions,
  type WakeHandle,
} from '../poller.js';
import { CutResult, PortableConnection } from './poller-connection.js';
import { PortableSlab } from './poller-slab.js';

const EVENT_ROWS = 1024;
const COMMAND_ROWS = 4096;
const OUTBOUND_BYTES = 1024 * 1024;
const FRAMES_PER_TURN = 64;
const SWEEP_MS = 1000;
const STALLED_MS = 30_000;
const SLAB_BYTES_MIN = 512 * 1024;
const INT32_MAX = 0x7fff_ffff;

type Row = [kind: number, connection: number, generation: number, a: number, b: number, c: number];

export class PortablePoller implements Poller {
  readonly events = new Int32Array(EVENT_ROWS * EVENT_WORDS);
  readonly commands = new Int32Array(COMMAND_ROWS * COMMAND_WORDS);
  readonly outbound = new Uint8Array(OUTBOUND_BYTES);
  readonly #options: PollerOptions;
  readonly #stalledMs: number;
  readonly #slab: PortableSlab;
  readonly #frameBytesMax: number;
  readonly #connections: PortableConnection[] = [];
  readonly #open = new Set<PortableConnection>();
  readonly #freeIndices: number[] = [];
  #restingIndices: number[] = []; // reported as closed; reusable from the next turn on
  readonly #perIp = new Map<string, number>();
  readonly #servers: Server[] = [];
  readonly #wakePorts: MessagePort[] = [];
  readonly #sweep: NodeJS.Timeout;
  #listeners = 0;
  #rows: Row[] = []; // opened and closed, waiting for the turn
  #ready: PortableConnection[] = [];
  readonly #waiters: PortableConnection[] = [];
  #refused = 0;
  #framesHeld = 0;
  #turnScheduled = false;
  #closed = false;

  constructor(options: PollerOptions, stalledMs = STALLED_MS) {
    assertInteger(options.slab.length, SLAB_BYTES_MIN, INT32_MAX, 'slab bytes');
    this.#options = options;
    this.#stalledMs = stalledMs;
    this.#slab = new PortableSlab(options.slab.length);
    // A growing frame is moved to a larger block: both must fit.
    this.#frameBytesMax = Math.min(options.frameBytesMax, Math.floor(this.#slab.frameBytesMax / 2));
    this.#sweep = setInterval(() => this.#onSweep(), SWEEP_MS);
  }

  /** A fresh port at every read: a port can be given to one thread only. */
  get wakeHandle(): WakeHandle {
    const { port1, port2 } = new MessageChannel();
    port1.on('message', () => {
      if (!this.#closed) this.#options.onWake();
    });
    this.#wakePorts.push(port1);
    return { kind: 'port', port: port2 };
  }

  async listen(host: string, port: number, backlog: number): Promise<{ listener: number; port: number }> {
    const listener = ++this.#listeners;
    const bound = await this.#bind(host === 'localhost' ? '127.0.0.1' : host, port, backlog, listener);
    if (host === 'localhost') {
      await this.#bind('::1', bound, backlog, listener).catch((error: unknown) => {
        const code = systemCode(error);
        const noIpv6 = code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT';
        if (!noIpv6 && !(port === 0 && code === 'EADDRINUSE')) throw error;
      });
    }
    return { listener, port: bound };
  }

  #bind(host: string, port: number, backlog: number, listener: number): Promise<number> {
    const server = createServer({ noDelay: true, keepAlive: true }, (socket) =>
      this.#accept(socket, listener),
    );
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(host === '' ? { port, backlog } : { port, host, backlog }, () => {
        server.off('error', reject);
        server.on('error', () => this.#report(-1, 0, CloseReason.error, 0, constants.errno.EMFILE));
        this.#servers.push(server);
        const address = server.address();
        assert(address !== null && typeof address === 'object', 'a TCP server has an address');
        resolve(address.port);
      });
    });
  }

  stopListening(): void {
    for (const server of this.#servers) server.close();
    this.#servers.length = 0;
  }

  #accept(socket: Socket, listener: number): void {
    const host = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
    const fromHost = this.#perIp.get(host) ?? 0;
    const { connectionsMax, connectionsPerIpMax } = this.#options;
    socket.on('error', () => {}); // replaced below by the connection's own; a refused socket may fail as well
    if (this.#closed || host === '') {
      socket.destroy();
      return;
    }
    if (this.#open.size >= connectionsMax || fromHost >= connectionsPerIpMax) {
      socket.destroy();
      this.#refused++;
      this.#schedule();
      return;
    }
    this.#perIp.set(host, fromHost + 1);
    const index = this.#freeIndices.pop() ?? this.#connections.length;
    this.#connections[index] ??= new PortableConnection(index);
    const connection = this.#connections[index];
    const generation = connection.generation === INT32_MAX ? 1 : connection.generation + 1;
    connection.open(socket, generation, systemClock.monotonicMs());
    connection.host = host;
    connection.port = socket.remotePort ?? 0;
    connection.localPort = socket.localPort ?? 0;
    this.#open.add(connection);
    this.#rows.push([EventKind.opened, index, generation, listener, 0, 0]);
    this.#follow(socket, connection);
    this.#schedule();
  }

  #follow(socket: Socket, connection: PortableConnection): void {
    const mine = (): boolean => connection.socket === socket;
    const end = (reason: number, detail: number): void => {
      if (!mine()) return;
      connection.endReason ||= reason;
      connection.endDetail = detail;
      if (connection.mayRead || !connection.hasInput) this.#makeReady(connection);
      else this.#closeConnection(connection, reason, detail);
    };
    socket.on('readable', () => {
      if (mine() && connection.mayRead) this.#makeReady(connection);
    });
    socket.on('end', () => end(CloseReason.peer, 0));
    socket.on('error', (error) => {
      const code = systemCode(error) ?? '';
      const number = constants.errno[code as keyof typeof constants.errno] ?? 0;
      end(code === 'ECONNRESET' || code === 'EPIPE' ? CloseReason.peer : CloseReason.error, number);
    });
    socket.on('close', () => end(CloseReason.peer, 0));
    socket.on('drain', () => {
      if (mine()) this.#pump(connection);
    });
  }

  #schedule(): void {
    if (this.#turnScheduled || this.#closed) return;
    this.#turnScheduled = true;
    setImmediate(() => this.#turn());
  }

  #makeReady(connection: PortableConnection): void {
    if (!connection.inReady) {
      connection.inReady = true;
      this.#ready.push(connection);
    }
    this.#schedule();
  }

  #emit(count: number, row: Row): number {
    this.events.set(row, count * EVENT_WORDS);
    return count + 1;
  }

  #turn(): void {
    this.#turnScheduled = false;
    if (this.#closed) return;
    for (const index of this.#restingIndices) this.#freeIndices.push(index);
    this.#restingIndices = [];
    let count = this.#drainRows(0);
    const ready = this.#ready;
    this.#ready = [];
    for (const connection of ready) {
      if (count + FRAMES_PER_TURN + 2 > EVENT_ROWS) {
        this.#ready.push(connection);
        continue;
      }
      connection.inReady = false;
      if (connection.socket !== null) count = this.#readFrames(connection, count);
    }
    count = this.#drainRows(count);
    if (this.#refused > 0 && count < EVENT_ROWS) {
      count = this.#emit(count, [EventKind.closed, -1, 0, CloseReason.limit, 0, this.#refused]);
      this.#refused = 0;
    }
    if (this.#ready.length > 0 || this.#rows.length > 0) this.#schedule();
    if (count > 0) this.#options.onTurn(count);
  }

  #drainRows(from: number): number {
    let count = from;
    let taken = 0;
    for (const row of this.#rows) {
      if (count === EVENT_ROWS) break;
      count = this.#emit(count, row);
      taken++;
      const index = row[EventWord.connection];
      if (row[EventWord.kind] === EventKind.closed && index >= 0) this.#restingIndices.push(index);
    }
    this.#rows = this.#rows.slice(taken);
    return count;
  }

  #readFrames(connection: PortableConnection, from: number): number {
    let count = from;
    const nowMs = systemClock.monotonicMs();
    for (let frames = 0; connection.mayRead; frames++) {
      if (frames === FRAMES_PER_TURN) {
        this.#makeReady(connection);
        return count;
      }
      const result = connection.cut(this.#slab, this.#options.slab, this.#frameBytesMax, nowMs);
      if (result === CutResult.frame) {
        const { index, generation, frameAt, frameLength } = connection;
        count = this.#emit(count, [EventKind.frame, index, generation, frameAt, frameLength, 0]);
        this.#framesHeld++;
        connection.taken();
        continue;
      }
      if (result === CutResult.slabFull) {
        connection.waitsForSlab = true;
        this.#waiters.push(connection);
      } else if (result === CutResult.badFrame) {
        this.#closeConnection(connection, CloseReason.badFrame, connection.frameLength);
      } else if (connection.endReason !== 0) {
        this.#closeConnection(connection, connection.endReason, connection.endDetail);
      }
      return count;
    }
    if (connection.endReason !== 0 && !connection.hasInput) {
      this.#closeConnection(connection, connection.endReason, connection.endDetail);
    }
    return count;
  }

  submit(count: number): void {
    assertInteger(count, 0, COMMAND_ROWS, 'command rows');
    if (this.#closed) return;
    const touched = new Set<PortableConnection>();
    for (let row = 0; row < count; row++) this.#run(row * COMMAND_WORDS, touched);
    for (const connection of touched) this.#pump(connection);
    this.#serveWaiters();
  }

  #find(index: number, generation: number): PortableConnection | undefined {
    const connection = this.#connections[index];
    return connection?.socket != null && connection.generation === generation ? connection : undefined;
  }

  #run(at: number, touched: Set<PortableConnection>): void {
    const kind = this.commands[at] as (typeof CommandKind)[keyof typeof CommandKind];
    const a = this.commands[at + CommandWord.a];
    const b = this.commands[at + CommandWord.b];
    const c = this.commands[at + CommandWord.c];
    const connection = this.#find(
      this.commands[at + CommandWord.connection],
      this.commands[at + CommandWord.generation],
    );
    const writable = connection !== undefined && !connection.closeWhenSent;
    switch (kind) {
      case CommandKind.freeFrame:
        if (this.#slab.release(a)) this.#framesHeld--;
        return;
      case CommandKind.bytes:
        if (!writable) return;
        if (b > 0) connection.push(this.outbound.slice(a, a + b));
        break;
      case CommandKind.range:
        if (!writable || c === 0) {
          this.#options.engine.dropRange(a);
          return;
        }
        connection.push({ range: a, from: b, length: c });
        break;
      case CommandKind.close:
        if (connection === undefined) return;
        if (a === 1) {
          this.#closeConnection(connection, CloseReason.requested, 0);
          return;
        }
        connection.closeWhenSent = true;
        break;
      case CommandKind.mute:
        if (connection !== undefined) this.#mute(connection, a);
        return;
      case CommandKind.unmute:
        if (connection === undefined) return;
        connection.muted = false;
        this.#resume(connection);
        return;
      default:
        unreachable(kind);
    }
    if (connection !== undefined) touched.add(connection);
  }

  #mute(connection: PortableConnection, ms: number): void {
    if (ms === 0) {
      connection.muted = true;
      return;
    }
    const untilMs = systemClock.monotonicMs() + ms;
    if (connection.mutedTimer !== null) {
      if (connection.mutedUntilMs >= untilMs) return;
      clearTimeout(connection.mutedTimer);
    }
    connection.mutedUntilMs = untilMs;
    connection.mutedTimer = setTimeout(() => {
      connection.mutedTimer = null;
      this.#resume(connection);
    }, ms);
  }

  #resume(connection: PortableConnection): void {
    if (connection.socket !== null && connection.mayRead) this.#makeReady(connection);
  }

  #pump(connection: PortableConnection): void {
    const { generation } = connection;
    const mine = (): boolean => connection.socket !== null && connection.generation === generation;
    const written = (bytes: number): void => {
      if (!mine()) return;
      connection.queuedBytes -= bytes;
      connection.activeMs = systemClock.monotonicMs();
      if (connection.outputFull && connection.queuedBytes <= this.#options.outboundQueueBytesMax / 2) {
        connection.outputFull = false;
        this.#resume(connection);
      }
      if (connection.closeWhenSent && connection.queuedBytes === 0) {
        this.#closeConnection(connection, CloseReason.requested, 0);
      }
    };
    if (!connection.pump(this.#options.engine, written)) {
      this.#closeConnection(connection, CloseReason.error, constants.errno.EIO);
      return;
    }
    if (connection.queuedBytes > this.#options.outboundQueueBytesMax) connection.outputFull = true;
    if (connection.closeWhenSent && connection.queuedBytes === 0) {
      this.#closeConnection(connection, CloseReason.requested, 0);
    }
  }

  sendBuffer(connection: number, generation: number, bytes: Uint8Array): void {
    const found = this.#find(connection, generation);
    if (found === undefined || found.closeWhenSent || bytes.length === 0) return;
    found.push(new Uint8Array(bytes)); // a copy; slice() of a Buffer would be a view
    this.#pump(found);
  }

  #serveWaiters(): void {
    // Each tries again in its turn; who finds the slab still full queues up anew, behind the others.
    for (const connection of this.#waiters.splice(0)) {
      if (!connection.waitsForSlab) continue;
      connection.waitsForSlab = false;
      this.#resume(connection);
    }
  }

  #report(index: number, generation: number, reason: number, thrown: number, detail: number): void {
    this.#rows.push([EventKind.closed, index, generation, reason, Math.min(thrown, INT32_MAX), detail]);
    this.#schedule();
  }

  #closeConnection(connection: PortableConnection, reason: number, detail: number): void {
    const { socket } = connection;
    if (socket === null) return;
    const thrown = connection.release(this.#slab, this.#options.engine);
    const orderly = reason === CloseReason.requested && connection.closeWhenSent;
    if (orderly) socket.end(() => socket.destroy());
    else socket.destroy();
    this.#open.delete(connection);
    const left = (this.#perIp.get(connection.host) ?? 1) - 1;
    if (left === 0) this.#perIp.delete(connection.host);
    else this.#perIp.set(connection.host, left);
    this.#report(connection.index, connection.generation, reason, thrown, detail);
    this.#serveWaiters();
  }

  #onSweep(): void {
    const nowMs = systemClock.monotonicMs();
    const { idleMsMax, outboundQueueBytesMax } = this.#options;
    for (const connection of this.#open) {
      if (idleMsMax < 0 || nowMs - connection.activeMs < idleMsMax) continue;
      const slow = connection.queuedBytes > outboundQueueBytesMax;
      this.#closeConnection(connection, slow ? CloseReason.slowReader : CloseReason.idle, 0);
    }
    if (this.#waiters.length > 0) this.#closeStalled(nowMs);
  }

  /** Somebody waits for slab space: who holds some and does not fill it goes; when all wait for one another, the fattest. */
  #closeStalled(nowMs: number): void {
    const holders = [...this.#open].filter((connection) => connection.holdsSlab);
    const still = holders.filter((connection) => nowMs - connection.progressMs >= this.#stalledMs);
    const silent = still.filter((connection) => connection.mayRead);
    for (const connection of silent) this.#closeConnection(connection, CloseReason.stalled, 0);
    if (silent.length > 0 || still.length < holders.length || this.#framesHeld > 0) return;
    const fattest = still.sort((a, b) => b.frameHave - a.frameHave)[0];
    if (fattest !== undefined) this.#closeConnection(fattest, CloseReason.stalled, 0);
  }

  peerAddress(connection: number): { host: string; port: number } {
    const { host, port } = this.#connections[connection];
    return { host, port };
  }

  localPort(connection: number): number {
    return this.#connections[connection].localPort;
  }

  stats(): { connections: number; slabBytesUsed: number; queuedBytes: number; framesHeld: number } {
    let queuedBytes = 0;
    for (const connection of this.#open) queuedBytes += connection.queuedBytes;
    return {
      connections: this.#open.size,
      slabBytesUsed: this.#slab.usedBytes,
      queuedBytes,
      framesHeld: this.#framesHeld,
    };
  }

  close(): void {
    if (this.#closed) return;
    this.stopListening();
    for (const connection of [...this.#open]) this.#closeConnection(connection, CloseReason.requested, 0);
    this.#closed = true;
    clearInterval(this.#sweep);
    for (const port of this.#wakePorts) port.close();
  }
}
