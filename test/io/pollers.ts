/** The pollers that every conformance test runs on, and a bench that records what they report. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'vitest';
import { type Addon, loadAddon } from '../../src/io/addon.js';
import { NativeSegmentEngine } from '../../src/io/native-engine.js';
import { NativePoller } from '../../src/io/native-poller.js';
import {
  COMMAND_WORDS,
  CommandKind,
  EVENT_WORDS,
  EventKind,
  type Poller,
  type PollerOptions,
} from '../../src/io/poller.js';
import { PortablePoller } from '../../src/io/portable/poller.js';
import { PortableSegmentEngine } from '../../src/io/portable/segment-engine.js';
import { ReadOut, ReadStatus, type SegmentEngine } from '../../src/io/segment-engine.js';
import { opaqueBatch } from './batch-bytes.js';

export type PollerKind = 'native' | 'portable';

function findAddon(): { addon: Addon | undefined; whyNot: string } {
  const result = loadAddon();
  if (result.addon !== undefined) return { addon: result.addon, whyNot: '' };
  if (process.env.CI === 'true') throw new Error(`CI must test the native poller, but ${result.reason}`);
  return { addon: undefined, whyNot: result.reason };
}
export const { addon, whyNot } = findAddon();

export function describePollers(title: string, body: (kind: PollerKind) => void): void {
  describe(`${title} [portable]`, () => body('portable'));
  if (addon === undefined) describe.skip(`${title} [native: ${whyNot}]`, () => body('native'));
  else describe(`${title} [native]`, () => body('native'));
}

export function makeEngine(kind: PollerKind): SegmentEngine {
  return kind === 'native' ? new NativeSegmentEngine(addon) : new PortableSegmentEngine();
}
export function makePoller(kind: PollerKind, options: PollerOptions, stalledMs = 30_000): Poller {
  if (kind === 'portable') return new PortablePoller(options, stalledMs);
  if (addon === undefined) throw new Error(whyNot);
  return new NativePoller(addon, options, stalledMs);
}

export const DEFAULTS = {
  frameBytesMax: 1024 * 1024,
  idleMsMax: -1,
  connectionsMax: 10_000,
  connectionsPerIpMax: 10_000,
  outboundQueueBytesMax: 64 * 1024 * 1024,
  sendBufferBytes: -1,
  receiveBufferBytes: -1,
};

export interface SeenFrame {
  connection: number;
  generation: number;
  position: number;
  bytes: Buffer;
}

/** A poller that records events; `echo` answers each frame with itself at once. */
export class PollerBench {
  readonly slab: Uint8Array;
  readonly engine: SegmentEngine;
  readonly poller: Poller;
  readonly frames: SeenFrame[] = [];
  readonly opened: { connection: number; generation: number; listener: number }[] = [];
  readonly closed: {
    connection: number;
    generation: number;
    reason: number;
    thrown: number;
    detail: number;
  }[] = [];
  wakes = 0;
  echo = false;
  port = 0;
  rows = 0;
  #outboundAt = 0;
  readonly sockets: Socket[] = [];

  constructor(
    kind: PollerKind,
    overrides: Partial<PollerOptions> = {},
    slabBytes = 8 * 1024 * 1024,
    stalledMs = 30_000,
  ) {
    this.slab = new Uint8Array(new SharedArrayBuffer(slabBytes));
    this.engine = makeEngine(kind);
    const options: PollerOptions = {
      ...DEFAULTS,
      slab: this.slab,
      engine: this.engine,
      onTurn: (count) => this.#turn(count),
      onWake: () => {
        this.wakes++;
      },
      ...overrides,
    };
    this.poller = makePoller(kind, options, stalledMs);
  }

  async start(host = '127.0.0.1', backlog = 1024): Promise<this> {
    this.port = (await this.poller.listen(host, 0, backlog, false)).port;
    return this;
  }

  #turn(count: number): void {
    const { events } = this.poller;
    for (let at = 0; at < count * EVENT_WORDS; at += EVENT_WORDS) {
      const [kind, connection, generation, a, b, c] = events.subarray(at, at + 6);
      if (kind === EventKind.opened) this.opened.push({ connection, generation, listener: a });
      else if (kind === EventKind.closed)
        this.closed.push({ connection, generation, reason: a, thrown: b, detail: c });
      else if (this.echo) this.#echo(connection, generation, a, b);
      else
        this.frames.push({
          connection,
          generation,
          position: a,
          bytes: Buffer.from(this.slab.slice(a, a + b)),
        });
    }
    if (this.echo) this.submit();
  }

  #echo(connection: number, generation: number, position: number, length: number): void {
    this.bytes(connection, generation, frame(this.slab.subarray(position, position + length)));
    this.command(CommandKind.freeFrame, 0, 0, position);
  }

  command(kind: number, connection: number, generation: number, a = 0, b = 0, c = 0): void {
    if (this.rows === this.poller.commands.length / COMMAND_WORDS) this.submit();
    this.poller.commands.set([kind, connection, generation, a, b, c], this.rows++ * COMMAND_WORDS);
  }
  bytes(connection: number, generation: number, bytes: Uint8Array): void {
    if (this.#outboundAt + bytes.length > this.poller.outbound.length) this.submit();
    if (bytes.length > this.poller.outbound.length) {
      this.poller.sendBuffer(connection, generation, bytes);
      return;
    }
    this.poller.outbound.set(bytes, this.#outboundAt);
    this.command(CommandKind.bytes, connection, generation, this.#outboundAt, bytes.length);
    this.#outboundAt += bytes.length;
  }
  submit(): void {
    const { rows } = this;
    this.rows = 0;
    this.#outboundAt = 0;
    this.poller.submit(rows);
    // What was queued was copied or sent: garbage here must not reach anybody.
    this.poller.outbound.fill(0xee, 0, 64);
  }
  freeAll(): void {
    for (const { position } of this.frames.splice(0)) this.command(CommandKind.freeFrame, 0, 0, position);
    this.submit();
  }

  async connect(): Promise<Socket> {
    const socket = connect({ port: this.port, host: '127.0.0.1', noDelay: true });
    this.sockets.push(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    socket.on('error', () => {});
    return socket;
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.poller.close();
  }
}

/** 4 bytes of length, then `body`. */
export function frame(body: Uint8Array): Buffer {
  const bytes = Buffer.alloc(4 + body.length);
  bytes.writeInt32BE(body.length);
  bytes.set(body, 4);
  return bytes;
}
export function pattern(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at++) bytes[at] = (at * 31 + seed * 7 + (at >> 8)) & 0xff;
  return bytes;
}

export async function until(condition: () => boolean, what: string, ms = 10_000): Promise<void> {
  const end = performance.now() + ms;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`waited ${ms} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Collects what a socket receives. */
export function collect(socket: Socket): { bytes: () => Buffer; length: () => number; ended: () => boolean } {
  const chunks: Buffer[] = [];
  let total = 0;
  let ended = false;
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    total += chunk.length;
  });
  socket.on('close', () => {
    ended = true;
  });
  return { bytes: () => Buffer.concat(chunks), length: () => total, ended: () => ended };
}

/** A log file whose bytes can be handed out as range tokens. */
export class RangeSource {
  readonly directory = mkdtempSync(join(tmpdir(), 'millrace-ranges-'));
  readonly bytes: Buffer;
  readonly #log: number;
  readonly #batches: number;

  constructor(
    readonly engine: SegmentEngine,
    readonly batchBytes: number,
    batches: number,
  ) {
    this.#batches = batches;
    const parts: Uint8Array[] = [];
    for (let index = 0; index < batches; index++) {
      const batch = Buffer.from(opaqueBatch(batchBytes, 1, 1000n, index & 0xff));
      batch.writeBigInt64BE(BigInt(index), 0);
      batch.set(pattern(batchBytes - 61, index), 61);
      parts.push(batch);
    }
    this.bytes = Buffer.concat(parts);
    writeFileSync(join(this.directory, '00000000000000000000.log'), this.bytes);
    this.#log = engine.openLog(this.directory, {
      indexIntervalBytes: 4096,
      indexBytesMax: 1024 * 1024,
      segmentBytes: 1024 * 1024 * 1024,
      preallocate: false,
      engine: 'auto',
    });
    engine.addSegment(this.#log, 0, this.bytes.length);
  }

  /** A token for everything. */
  token(): number {
    const out = new Float64Array(4);
    const status = this.engine.read(this.#log, 0, this.#batches, this.bytes.length, true, out);
    if (status !== ReadStatus.found || out[ReadOut.length] !== this.bytes.length)
      throw new Error('no whole range');
    return out[ReadOut.range];
  }
  close(): void {
    this.engine.closeLog(this.#log);
    rmSync(this.directory, { recursive: true, force: true });
  }
}
