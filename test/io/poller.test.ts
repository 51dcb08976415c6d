import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { NativePoller, wakeFunction } from '../../src/io/native-poller.js';
import { CloseReason, CommandKind, type PollerOptions } from '../../src/io/poller.js';
import {
  addon,
  collect,
  DEFAULTS,
  describePollers,
  frame,
  makeEngine,
  PollerBench,
  pattern,
  RangeSource,
  until,
  whyNot,
} from './pollers.js';

const toClose: { close(): void }[] = [];
afterEach(() => {
  for (const one of toClose.splice(0).reverse()) one.close();
});

describePollers('poller', (kind) => {
  async function bench(
    overrides: Partial<PollerOptions> = {},
    slabBytes?: number,
    stalledMs?: number,
  ): Promise<PollerBench> {
    const made = new PollerBench(kind, overrides, slabBytes, stalledMs);
    toClose.push(made);
    return made.start();
  }

  it('cuts frames out of a stream that arrives broken at every byte', async () => {
    const b = await bench();
    const bodies = [pattern(5, 1), Buffer.alloc(0), pattern(40, 2), pattern(3, 3)];
    const stream = Buffer.concat(bodies.map(frame));
    for (let cut = 1; cut < stream.length; cut++) {
      const socket = await b.connect();
      socket.write(stream.subarray(0, cut));
      await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setTimeout(resolve, 1));
      socket.write(stream.subarray(cut));
      await until(() => b.frames.length === 4, `cut at ${cut}`);
      expect(b.frames.map((seen) => seen.bytes.toString('hex'))).toEqual(
        bodies.map((body) => body.toString('hex')),
      );
      expect(b.frames[0].position % 8).toBe(0);
      b.freeAll();
      socket.destroy();
    }
    await until(() => b.poller.stats().connections === 0, 'all closed');
    expect(b.poller.stats().framesHeld).toBe(0);
  });

  it('echoes pipelined frames of all sizes in order', async () => {
    const b = await bench();
    b.echo = true;
    const sizes = [0, 1, 100, 4095, 65_519, 65_528, 65_529, 70_000, 300_000, 1_048_576, 8, 3];
    const stream = Buffer.concat([
      ...sizes.map((size) => frame(pattern(size, size))),
      ...Array.from({ length: 1000 }, (_, n) => frame(pattern(n % 90, n))),
    ]);
    const socket = await b.connect();
    const got = collect(socket);
    socket.write(stream);
    await until(() => got.length() === stream.length, 'echo');
    expect(got.bytes().equals(stream)).toBe(true);
    expect(b.poller.stats()).toMatchObject({ connections: 1, framesHeld: 0, queuedBytes: 0 });
  });

  it('takes 500 connections at once and reports addresses', async () => {
    const b = await bench();
    b.echo = true;
    const sockets = await Promise.all(Array.from({ length: 500 }, () => b.connect()));
    await until(() => b.opened.length === 500, 'opened');
    expect(new Set(b.opened.map(({ connection }) => connection)).size).toBe(500);
    const ports = b.opened.map(({ connection }) => b.poller.peerAddress(connection).port);
    expect(new Set(ports)).toEqual(new Set(sockets.map((socket) => socket.localPort)));
    expect(b.poller.peerAddress(b.opened[0].connection).host).toBe('127.0.0.1');
    expect(b.poller.localPort(b.opened[0].connection)).toBe(b.port);
    const answers = sockets.map(collect);
    sockets.forEach((socket, n) => {
      socket.write(frame(pattern(50, n)));
    });
    await until(() => answers.every((answer) => answer.length() === 54), 'answers');
    for (const socket of sockets) socket.destroy();
    await until(() => b.closed.length === 500, 'closed');
    expect(b.closed.every(({ reason }) => reason === CloseReason.peer)).toBe(true);
  });

  it('holds 1,000 idle connections without slab memory', async () => {
    const b = await bench();
    b.echo = true;
    const sockets = await Promise.all(Array.from({ length: 1000 }, () => b.connect()));
    for (const socket of sockets) socket.write(Buffer.from([0, 0])); // half a length each
    await until(() => b.opened.length === 1000, 'opened');
    const socket = await b.connect();
    const got = collect(socket);
    socket.write(frame(pattern(10)));
    await until(() => got.length() === 14, 'the busy one is served');
    expect(b.poller.stats().slabBytesUsed).toBeLessThanOrEqual(64 * 1024);
  });

  it('closes on lengths that are negative or too large: HTTP and TLS bytes among them', async () => {
    const b = await bench({ frameBytesMax: 100_000 });
    const cases: [Buffer, number][] = [
      [Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), 0x47455420],
      [Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc]), 0x16030102],
      [Buffer.from([0xff, 0xff, 0xff, 0xff]), -1],
      [Buffer.from([0, 1, 0x86, 0xa1]), 100_001],
    ];
    for (const [bytes, length] of cases) {
      const socket = await b.connect();
      const got = collect(socket);
      socket.write(Buffer.concat([frame(pattern(7)), bytes]));
      await until(() => got.ended(), 'closed');
      await until(() => b.closed.length === 1, 'reported');
      expect(b.closed.splice(0)[0]).toMatchObject({ reason: CloseReason.badFrame, detail: length });
      expect(b.frames).toHaveLength(1); // what came before is still a request
      b.freeAll();
    }
    const socket = await b.connect();
    socket.write(frame(pattern(100_000)));
    await until(() => b.frames.length === 1, 'the longest legal frame');
    expect(b.frames[0].bytes.equals(pattern(100_000))).toBe(true);
  });

  it('refuses connections over the limits, and takes new ones when some have gone', async () => {
    const b = await bench({ connectionsPerIpMax: 3, connectionsMax: 10 });
    const sockets = await Promise.all(Array.from({ length: 3 }, () => b.connect()));
    await until(() => b.opened.length === 3, 'opened');
    const refused = await b.connect();
    const got = collect(refused);
    await until(() => got.ended(), 'refused');
    await until(() => b.closed.length === 1, 'reported');
    expect(b.closed[0]).toMatchObject({ connection: -1, reason: CloseReason.limit, detail: 1 });
    sockets[0].destroy();
    await until(() => b.closed.length === 2, 'one gone');
    await b.connect();
    await until(() => b.opened.length === 4, 'taken');
    // An index may be reused or not; its lives are told apart.
    const lives = b.opened.map(({ connection, generation }) => `${connection}/${generation}`);
    expect(new Set(lives).size).toBe(4);
  });

  it('closes idle connections, not busy ones', async () => {
    const b = await bench({ idleMsMax: 1500 });
    b.echo = true;
    const idle = collect(await b.connect());
    const busySocket = await b.connect();
    const busy = collect(busySocket);
    const timer = setInterval(() => busySocket.write(frame(pattern(3))), 200);
    await until(() => idle.ended(), 'idle closed');
    expect(busy.ended()).toBe(false);
    clearInterval(timer);
    expect(b.closed).toHaveLength(1);
    expect(b.closed[0].reason).toBe(CloseReason.idle);
  });

  it('sends file ranges between bytes, whole and in part', async () => {
    const b = await bench();
    const source = new RangeSource(b.engine, 20_000, 40);
    toClose.push(source);
    const socket = await b.connect();
    const got = collect(socket);
    await until(() => b.opened.length === 1, 'opened');
    const { connection, generation } = b.opened[0];
    const expected: Buffer[] = [];
    for (const [from, length] of [
      [0, source.bytes.length],
      [100, 10_000],
      [5, 1],
      [19_999, 500_000],
    ]) {
      b.bytes(connection, generation, pattern(77, from));
      b.command(CommandKind.range, connection, generation, source.token(), from, length);
      expected.push(pattern(77, from), source.bytes.subarray(from, from + length));
    }
    b.bytes(connection, generation, Buffer.from('end'));
    b.submit();
    expected.push(Buffer.from('end'));
    const whole = Buffer.concat(expected);
    await until(() => got.length() === whole.length, 'ranges');
    expect(got.bytes().equals(whole)).toBe(true);
  });

  it('waits for a slow reader, stops reading from it, and loses nothing', async () => {
    const b = await bench({ outboundQueueBytesMax: 1024 * 1024, sendBufferBytes: 65_536 });
    const source = new RangeSource(b.engine, 50_000, 200); // 10 MB
    toClose.push(source);
    const socket = await b.connect();
    socket.pause();
    await until(() => b.opened.length === 1, 'opened');
    const { connection, generation } = b.opened[0];
    b.bytes(connection, generation, Buffer.from('head'));
    b.command(CommandKind.range, connection, generation, source.token(), 0, source.bytes.length);
    b.bytes(connection, generation, Buffer.from('tail'));
    b.submit();
    const large = pattern(3_000_000);
    b.poller.sendBuffer(connection, generation, large);
    large.fill(0); // ours again
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(b.poller.stats().queuedBytes).toBeGreaterThan(1024 * 1024);
    socket.write(frame(pattern(9)));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(b.frames).toHaveLength(0);
    const got = collect(socket);
    socket.resume();
    await until(() => got.length() === source.bytes.length + 8 + 3_000_000, 'all bytes');
    const whole = [Buffer.from('head'), source.bytes, Buffer.from('tail'), pattern(3_000_000)];
    expect(got.bytes().equals(Buffer.concat(whole))).toBe(true);
    await until(() => b.frames.length === 1, 'reading goes on');
    expect(b.poller.stats().queuedBytes).toBe(0);
  });

  it('reports a reader that never reads as slow', async () => {
    const b = await bench({
      idleMsMax: 1000,
      outboundQueueBytesMax: 100_000,
      sendBufferBytes: 65_536,
    });
    (await b.connect()).pause();
    await until(() => b.opened.length === 1, 'opened');
    const { connection, generation } = b.opened[0];
    b.poller.sendBuffer(connection, generation, new Uint8Array(20_000_000));
    await until(() => b.closed.length === 1, 'closed');
    expect(b.closed[0].reason).toBe(CloseReason.slowReader);
    expect(b.closed[0].thrown).toBeGreaterThan(100_000);
  });

  it('stops reading when the slab is full and goes on when frames are freed', async () => {
    const b = await bench({}, 1024 * 1024);
    const sockets = await Promise.all(Array.from({ length: 6 }, () => b.connect()));
    for (const socket of sockets) socket.write(frame(pattern(250_000)));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const before = b.frames.length;
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(6);
    // The eighth kept for small frames still serves others.
    const small = await b.connect();
    small.write(frame(pattern(33)));
    await until(() => b.frames.some((seen) => seen.bytes.length === 33), 'small frame');
    let large = 0;
    await until(() => {
      large += b.frames.filter((seen) => seen.bytes.equals(pattern(250_000))).length;
      b.freeAll();
      return large === 6;
    }, 'all large frames');
    expect(b.poller.stats().framesHeld).toBe(0);
    expect(b.closed).toHaveLength(0);
  });

  it('closes a partial frame that stands still while others wait for space', async () => {
    const b = await bench({}, 1024 * 1024, 1000);
    const silent = await Promise.all([b.connect(), b.connect()]);
    for (const socket of silent) socket.write(frame(pattern(400_000)).subarray(0, 390_000));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const waiting = await b.connect();
    waiting.write(frame(pattern(400_000)));
    await until(() => b.frames.length === 1, 'the waiting one gets its space');
    expect(b.closed.length).toBeGreaterThan(0);
    expect(b.closed.every(({ reason }) => reason === CloseReason.stalled)).toBe(true);
  });

  it('an announced frame that never comes takes no space from others', async () => {
    const b = await bench({}, 4 * 1024 * 1024);
    const head = Buffer.alloc(5);
    head.writeInt32BE(1_000_000);
    for (let n = 0; n < 20; n++) (await b.connect()).write(head);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const socket = await b.connect();
    socket.write(frame(pattern(1_000_000)));
    await until(() => b.frames.length === 1, 'the real one');
    expect(b.frames[0].bytes.equals(pattern(1_000_000))).toBe(true);
    expect(b.closed).toHaveLength(0);
  });

  it('mutes: until unmuted, and for a time', async () => {
    const b = await bench();
    const socket = await b.connect();
    await until(() => b.opened.length === 1, 'opened');
    const { connection, generation } = b.opened[0];
    b.command(CommandKind.mute, connection, generation, 0);
    b.submit();
    socket.write(frame(pattern(4)));
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(b.frames).toHaveLength(0);
    b.command(CommandKind.unmute, connection, generation);
    b.submit();
    await until(() => b.frames.length === 1, 'unmuted');
    b.command(CommandKind.mute, connection, generation, 150);
    b.command(CommandKind.unmute, connection, generation); // does not end a timed mute
    b.submit();
    const from = performance.now();
    socket.write(frame(pattern(4)));
    await until(() => b.frames.length === 2, 'the time is over');
    expect(performance.now() - from).toBeGreaterThan(130);
    expect(performance.now() - from).toBeLessThan(1000);
  });

  it('closes after what is queued, or at once; old generations are ignored', async () => {
    const b = await bench();
    const first = collect(await b.connect());
    await until(() => b.opened.length === 1, 'opened');
    const { connection, generation } = b.opened[0];
    b.bytes(connection, generation, Buffer.from('bye'));
    b.command(CommandKind.close, connection, generation, 0);
    b.bytes(connection, generation, Buffer.from('never'));
    b.submit();
    await until(() => first.ended(), 'closed');
    expect(first.bytes().toString()).toBe('bye');
    await until(() => b.closed.length === 1, 'reported');
    expect(b.closed[0].reason).toBe(CloseReason.requested);

    const second = collect(await b.connect());
    await until(() => b.opened.length === 2, 'reopened');
    const living = b.opened[1];
    expect(living).not.toMatchObject({ connection, generation });
    for (const dead of [
      { connection, generation },
      { ...living, generation: living.generation + 1 },
    ]) {
      b.bytes(dead.connection, dead.generation, Buffer.from('for the dead'));
      b.command(CommandKind.close, dead.connection, dead.generation, 1);
    }
    b.bytes(living.connection, living.generation, Buffer.from('ok'));
    b.submit();
    await until(() => second.length() === 2, 'bytes for the living');
    b.command(CommandKind.close, living.connection, living.generation, 1);
    b.submit();
    await until(() => second.ended() && b.closed.length === 2, 'closed at once');
  });

  it('delivers what a peer sent before it went', async () => {
    const b = await bench();
    const socket = await b.connect();
    for (let n = 0; n < 500; n++) socket.write(frame(pattern(20, n)));
    socket.end();
    await until(() => b.closed.length === 1, 'closed');
    expect(b.frames).toHaveLength(500);
    expect(b.closed[0].reason).toBe(CloseReason.peer);
  });

  it('says EADDRINUSE, listens on names, and stops listening', async () => {
    const b = await bench();
    await expect(b.poller.listen('127.0.0.1', b.port, 10, false)).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
    await expect(b.poller.listen('192.0.2.77', 0, 10, false)).rejects.toMatchObject({
      code: 'EADDRNOTAVAIL',
    });
    const { port } = await b.poller.listen('localhost', 0, 10, false);
    const old = b.port;
    b.port = port;
    await b.connect();
    await until(() => b.opened.length === 1, 'localhost');
    expect(b.opened[0].listener).not.toBe(1);
    await b.poller.listen('0.0.0.0', 0, 10, false);
    await b.poller.listen('', 0, 10, false);
    b.poller.stopListening();
    b.port = old;
    await expect(b.connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(b.poller.stats().connections).toBe(1);
  });

  it('is woken from another thread; waking a closed one does no harm', async () => {
    const b = await bench();
    const wake = wakeFunction(addon ?? null);
    const handle = b.poller.wakeHandle;
    wake(handle);
    await until(() => b.wakes === 1, 'woken here');
    const code =
      handle.kind === 'native'
        ? `require(process.env.MILLRACE_ADDON ?? 'build/Release/millrace.node')`
        : `({ pollerWake: () => require('node:worker_threads').workerData.postMessage(0) })`;
    const absolute = code.replace("'build", `'${process.cwd()}/build`);
    const next = b.poller.wakeHandle;
    const port = next.kind === 'port' ? next.port : null;
    const worker = new Worker(
      `const addon = ${absolute}; addon.pollerWake(${handle.kind === 'native' ? handle.id : 0});`,
      {
        eval: true,
        workerData: port,
        transferList: port === null ? [] : [port],
      },
    );
    await until(() => b.wakes === 2, 'woken from a worker');
    await worker.terminate();
    b.poller.close();
    wake(handle);
    expect(b.poller.stats().connections).toBe(0);
  });
});

describe.skipIf(addon === undefined)(`native poller ${whyNot}`, () => {
  it('does not bring the process down when its worker exits without closing it', async () => {
    const path = process.env.MILLRACE_ADDON ?? `${process.cwd()}/build/Release/millrace.node`;
    const code = `
      const { parentPort } = require('node:worker_threads');
      const addon = require(${JSON.stringify(path)});
      const limits = { frameBytesMax: 1000, idleMsMax: -1, connectionsMax: 10, connectionsPerIpMax: 10,
        outboundQueueBytesMax: 1000, sendBufferBytes: -1, receiveBufferBytes: -1, stalledMs: 1000 };
      const id = addon.pollerCreate(limits, new Uint8Array(new SharedArrayBuffer(1 << 20)), new Int32Array(8192),
        new Int32Array(8192), new Uint8Array(1000), () => {});
      const [, port] = addon.pollerListen(id, '127.0.0.1', 0, 10, false);
      const socket = require('node:net').connect(port, '127.0.0.1', () => {
        socket.write('abc');
        parentPort.postMessage(id);
        if (process.argv[2] === 'exit') process.exit(0);
      });`;
    for (const how of ['exit', 'terminate']) {
      const worker = new Worker(code, { eval: true, argv: [how] });
      // Node may deliver the message and the exit in one go: listen for both before waiting for either.
      const exited = new Promise((resolve) => worker.once('exit', resolve));
      const id = await new Promise<number>((resolve) => worker.once('message', resolve));
      if (how === 'terminate') await worker.terminate();
      else await exited;
      expect(addon?.pollerWake(id)).toBe(false);
    }
  });

  it('lets several pollers of the process share a port', async () => {
    const one = await new PollerBench('native').start();
    const two = new PollerBench('native');
    toClose.push(one, two);
    const { port } = await one.poller.listen('127.0.0.1', 0, 100, true);
    await two.poller.listen('127.0.0.1', port, 100, true);
    await expect(two.poller.listen('127.0.0.1', one.port, 100, true)).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
    one.port = port;
    await Promise.all(Array.from({ length: 64 }, () => one.connect()));
    await until(() => one.opened.length + two.opened.length === 64, 'opened');
    expect(one.opened.length).toBeGreaterThan(0);
    expect(two.opened.length).toBeGreaterThan(0);
  });

  it('refuses range tokens of another engine and slabs that are too small', () => {
    const poller = (name: 'native' | 'portable', slabBytes: number) => () =>
      new NativePoller(addon!, {
        ...DEFAULTS,
        slab: new Uint8Array(new SharedArrayBuffer(slabBytes)),
        engine: makeEngine(name),
        onTurn: () => {},
        onWake: () => {},
      });
    expect(poller('portable', 1 << 20)).toThrow('range tokens');
    expect(poller('native', 1 << 18)).toThrow('slab bytes');
  });
});
