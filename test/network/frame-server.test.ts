import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import { CloseReason } from '../../src/io/poller.js';
import type { SegmentEngine } from '../../src/io/segment-engine.js';
import { CloseWhen, FrameServer, type FrameServerOptions } from '../../src/network/frame-server.js';
import {
  collect,
  DEFAULTS,
  describePollers,
  frame,
  makeEngine,
  makePoller,
  type PollerKind,
  pattern,
  RangeSource,
  until,
} from '../io/pollers.js';

const toClose: { close(): void }[] = [];
afterEach(() => {
  for (const one of toClose.splice(0).reverse()) one.close();
});

/** First byte of a frame: 1 = may overlap. The rest is its name. */
class ServerBench {
  readonly slab = new Uint8Array(new SharedArrayBuffer(4 * 1024 * 1024));
  readonly engine: SegmentEngine;
  readonly server: FrameServer;
  readonly delivered: { request: number; connection: number; name: string; overlap: boolean }[] = [];
  readonly events: string[] = [];
  readonly sockets: Socket[] = [];
  onRequest: ((request: number, name: string) => void) | null = null;
  port = 0;

  constructor(kind: PollerKind, overrides: Partial<FrameServerOptions> = {}) {
    this.engine = makeEngine(kind);
    const { slab, engine } = this;
    this.server = new FrameServer({
      slab,
      engine,
      makePoller: (onTurn, onWake) => makePoller(kind, { ...DEFAULTS, slab, engine, onTurn, onWake }),
      onRequest: (request, connection, position, length) => {
        const bytes = this.server.frameBytes(request);
        expect(bytes.byteOffset).toBe(position);
        expect(bytes.length).toBe(length);
        expect(this.server.connectionOf(request)).toBe(connection);
        const name = Buffer.from(bytes.subarray(1)).toString();
        this.delivered.push({ request, connection, name, overlap: bytes[0] === 1 });
        this.events.push(`request ${name} ${this.server.isAlive(request) ? 'alive' : 'orphan'}`);
        this.onRequest?.(request, name);
      },
      mayOverlap: (request) => this.server.frameBytes(request)[0] === 1,
      onOpened: () => this.events.push('opened'),
      onClosed: (_connection, reason) => this.events.push(`closed ${reason}`),
      ...overrides,
    });
    toClose.push(this.server);
  }
  async start(): Promise<this> {
    this.port = (await this.server.poller.listen('127.0.0.1', 0, 100, false)).port;
    return this;
  }
  async connect(): Promise<Socket> {
    const socket = connect({ port: this.port, host: '127.0.0.1', noDelay: true });
    toClose.push({ close: () => socket.destroy() });
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.on('error', () => {});
    return socket;
  }
  named(name: string): number {
    const found = this.delivered.find((one) => one.name === name);
    if (found === undefined) throw new Error(`${name} was not delivered`);
    return found.request;
  }
  answer(name: string): void {
    this.server.complete(this.named(name), Buffer.from(`<${name}>`));
  }
  get names(): string {
    return this.delivered.map(({ name }) => name).join(' ');
  }
}
const request = (name: string, overlap = false): Buffer =>
  frame(Buffer.concat([Buffer.from([overlap ? 1 : 0]), Buffer.from(name)]));
const answers = (...names: string[]): string =>
  Buffer.concat(names.map((name) => frame(Buffer.from(`<${name}>`)))).toString('hex');

describePollers('frame server', (kind) => {
  it('delivers one request at a time and lets overlapping ones pass together', async () => {
    const b = await new ServerBench(kind).start();
    const socket = await b.connect();
    const got = collect(socket);
    const stream = [request('a'), request('p', true), request('q', true), request('b'), request('r', true)];
    socket.write(Buffer.concat(stream));
    await until(() => b.names === 'a', 'a alone');
    b.answer('a');
    await until(() => b.names === 'a p q', 'p and q together');
    b.answer('q');
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(b.names).toBe('a p q');
    expect(got.bytes().toString('hex')).toBe(answers('a'));
    b.answer('p');
    await until(() => b.names === 'a p q b', 'b alone');
    b.answer('b');
    await until(() => b.names === 'a p q b r', 'r');
    b.answer('r');
    const whole = answers('a', 'p', 'q', 'b', 'r');
    await until(() => got.bytes().toString('hex') === whole, 'all answers in order');
    expect(b.server.requestsOpen).toBe(0);
    await until(() => b.server.poller.stats().framesHeld === 0, 'frames freed');
  });

  it('answers leave in request order whatever the order of completion', async () => {
    const b = await new ServerBench(kind).start();
    const step = fc.record({ overlap: fc.boolean(), silent: fc.boolean(), size: fc.nat(400) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(step, { minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 4 }),
        fc.infiniteStream(fc.nat(1000)),
        async (plans, picks) => {
          b.delivered.length = 0;
          const open: number[] = [];
          const bodies = new Map<string, Buffer | null>();
          b.onRequest = (_request, _name) => open.push(b.delivered.length - 1);
          const streams = await Promise.all(
            plans.map(async (plan, at) => {
              const socket = await b.connect();
              const got = collect(socket);
              const expected: Buffer[] = [];
              plan.forEach(({ silent, size }, n) => {
                const body = silent ? null : Buffer.concat([Buffer.from(`${at}.${n}`), pattern(size, n)]);
                bodies.set(`${at}.${n}`, body);
                if (body !== null) expected.push(frame(body));
              });
              socket.write(Buffer.concat(plan.map(({ overlap }, n) => request(`${at}.${n}`, overlap))));
              return { socket, got, expected: Buffer.concat(expected) };
            }),
          );
          const total = bodies.size;
          for (let done = 0; done < total; done++) {
            await until(() => open.length > 0, 'something to answer');
            const pick = (picks.next().value ?? 0) % open.length;
            const chosen = b.delivered[open.splice(pick, 1)[0]];
            const body = bodies.get(chosen.name) ?? null;
            b.server.complete(chosen.request, body);
            body?.fill(0); // the caller's again
            if (done % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
          }
          // Expected bytes were copied by frame() before the fill.
          for (const { got, expected } of streams)
            await until(() => got.length() === expected.length, 'answers');
          for (const { got, expected, socket } of streams) {
            expect(got.bytes().equals(expected)).toBe(true);
            socket.destroy();
          }
          for (const [at] of plans.entries()) {
            const order = b.delivered.filter(({ name }) => name.startsWith(`${at}.`));
            expect(order.map(({ name }) => name)).toEqual(order.map((_, n) => `${at}.${n}`));
          }
        },
      ),
      { numRuns: 25 },
    );
    expect(b.server.requestsOpen).toBe(0);
  });

  it('completing inside onRequest works for long pipelines', async () => {
    const b = await new ServerBench(kind).start();
    b.onRequest = (number, name) => b.server.complete(number, Buffer.from(`<${name}>`));
    const socket = await b.connect();
    const got = collect(socket);
    const names = Array.from({ length: 3000 }, (_, n) => `n${n}`);
    socket.write(Buffer.concat(names.map((name, n) => request(name, n % 3 === 0))));
    await until(() => got.bytes().toString('hex') === answers(...names), 'all', 20_000);
  });

  it('inserts file ranges, also when the answer waits, and takes large answers', async () => {
    const b = await new ServerBench(kind).start();
    const source = new RangeSource(b.engine, 30_000, 10);
    toClose.push(source);
    const socket = await b.connect();
    const got = collect(socket);
    socket.write(Buffer.concat([request('one', true), request('two', true), request('big', true)]));
    await until(() => b.delivered.length === 3, 'three');
    const text = Buffer.from('headMIDtail');
    const big = pattern(3_000_000);
    const holes = () => [
      { at: 4, range: source.token(), length: 200_000 },
      { at: 7, range: source.token(), length: 500 },
      { at: 7, range: source.token(), length: 300_000 },
    ];
    b.server.complete(b.named('big'), big, [{ at: 1_500_000, range: source.token(), length: 300_000 }]);
    b.server.complete(b.named('two'), text, holes());
    b.server.complete(b.named('one'), text, holes());
    const { bytes } = source;
    const body = Buffer.concat([
      text.subarray(0, 4),
      bytes.subarray(0, 200_000),
      text.subarray(4, 7),
      bytes.subarray(0, 500),
      bytes,
      text.subarray(7),
    ]);
    const bigBody = Buffer.concat([big.subarray(0, 1_500_000), bytes, big.subarray(1_500_000)]);
    const whole = Buffer.concat([frame(body), frame(body), frame(bigBody)]);
    await until(() => got.length() === whole.length, 'all bytes');
    expect(got.bytes().equals(whole)).toBe(true);
  });

  it('delivers what a leaving peer sent, then reports it; late answers are dropped', async () => {
    const b = await new ServerBench(kind).start();
    const source = new RangeSource(b.engine, 1000, 2);
    toClose.push(source);
    const socket = await b.connect();
    const names = Array.from({ length: 100 }, (_, n) => `x${n}`);
    socket.end(Buffer.concat(names.map((name) => request(name))));
    await until(() => b.events.some((event) => event.startsWith('closed')), 'closed');
    expect(b.names).toBe(names.join(' '));
    expect(b.events[1]).toBe('request x0 alive');
    expect(b.events.at(-2)).toBe('request x99 orphan');
    expect(b.events.at(-1)).toBe(`closed ${CloseReason.peer}`);
    expect(b.server.isAlive(b.named('x0'))).toBe(false);
    for (const { request: number } of b.delivered) {
      b.server.complete(number, Buffer.from('late'), [{ at: 2, range: source.token(), length: 2000 }]);
    }
    expect(b.server.requestsOpen).toBe(0);
    await until(() => b.server.poller.stats().framesHeld === 0, 'frames freed');
  });

  it('closes in order after closeRequest, at once after closeConnection', async () => {
    const b = await new ServerBench(kind).start();
    const first = await b.connect();
    const got = collect(first);
    first.write(Buffer.concat([request('a', true), request('bad', true), request('c', true), request('d')]));
    await until(() => b.delivered.length === 3, 'three');
    b.server.closeRequest(b.named('bad'));
    b.answer('c');
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(got.ended()).toBe(false);
    b.answer('a');
    await until(() => got.ended(), 'closed');
    expect(got.bytes().toString('hex')).toBe(answers('a'));
    await until(() => b.events.includes(`closed ${CloseReason.requested}`), 'reported');
    expect(b.names).toBe('a bad c');
    expect(b.server.requestsOpen).toBe(0);

    const second = await b.connect();
    const rest = collect(second);
    second.write(Buffer.concat([request('e'), request('f')]));
    await until(() => b.delivered.length === 4, 'e');
    b.server.closeConnection(b.server.connectionOf(b.named('e')), CloseWhen.now);
    await until(() => rest.ended() && b.events.filter((e) => e.startsWith('closed')).length === 2, 'closed');
    expect(b.server.isAlive(b.named('e'))).toBe(false);
    b.answer('e');
    expect(b.server.requestsOpen).toBe(0);
    expect(b.names).toBe('a bad c e');
  });

  it('stops reading at the cap of undelivered frames and goes on', async () => {
    const b = await new ServerBench(kind, { undeliveredFramesMax: 20 }).start();
    const socket = await b.connect();
    const got = collect(socket);
    const names = Array.from({ length: 2000 }, (_, n) => `m${n}${'.'.repeat(500)}`);
    socket.write(Buffer.concat(names.map((name) => request(name))));
    await until(() => b.delivered.length === 1, 'first');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(b.server.requestsOpen).toBeLessThan(20 + 200);
    b.onRequest = (number, name) => b.server.complete(number, Buffer.from(`<${name}>`));
    b.answer(names[0]);
    await until(() => got.bytes().toString('hex') === answers(...names), 'all', 20_000);
  });

  it('mutes a throttled connection: frames already received wait too', async () => {
    const b = await new ServerBench(kind).start();
    const socket = await b.connect();
    const got = collect(socket);
    socket.write(Buffer.concat([request('a'), request('b')]));
    await until(() => b.delivered.length === 1, 'a');
    b.server.mute(b.server.connectionOf(b.named('a')), 150);
    const from = performance.now();
    b.answer('a');
    await until(() => got.length() > 0, 'the answer leaves at once');
    expect(performance.now() - from).toBeLessThan(120);
    await until(() => b.delivered.length === 2, 'b');
    expect(performance.now() - from).toBeGreaterThan(130);
    b.answer('b');
    await until(() => got.bytes().toString('hex') === answers('a', 'b'), 'answered');
  });
});
