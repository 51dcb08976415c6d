/** The runtime of coordinators with a counter for a shard: loading, order, refusals, timers. */
import { afterEach, describe, expect, it } from 'vitest';
import { KafkaError } from '../../src/base/kafka-error.js';
import type { AppendOutcome, CoordinatorLog } from '../../src/broker/main/coordinators/coordinator-log.js';
import { CoordinatorRuntime } from '../../src/broker/main/coordinators/coordinator-runtime.js';
import { SlabMemory } from '../../src/broker/main/coordinators/slab-memory.js';
import { TimerQueue } from '../../src/broker/main/coordinators/timer-queue.js';
import type {
  Answer,
  CoordinatorShard,
  Outcome,
  RecordPosition,
  RecordSerde,
  RequestToken,
} from '../../src/coordinator/framework/contract.js';
import { systemClock } from '../../src/io/clock.js';
import { BatchBuilder } from '../../src/record/batch-builder.js';
import { BatchView } from '../../src/record/batch-view.js';
import { ControlType, controlKey } from '../../src/record/control.js';
import { Codec } from '../../src/record/layout.js';
import { RecordCursor } from '../../src/record/record-cursor.js';
import { forEachRecord } from '../../src/record/records.js';

interface Put {
  key: string;
  value: string | null;
}
const utf8 = new TextEncoder();
const text = new TextDecoder();
const serde: RecordSerde<Put> = {
  encode: ({ key, value }) => ({ key: utf8.encode(key), value: value === null ? null : utf8.encode(value) }),
  decode: (key, value) => ({ key: text.decode(key), value: value === null ? null : text.decode(value) }),
};

type Said = string | { error: number };

/** Keeps what was put; `wait` is answered by `wake` or by the end. */
class PutShard implements CoordinatorShard<Put> {
  readonly values = new Map<string, string>();
  readonly positions: RecordPosition[] = [];
  readonly ended: [bigint, boolean][] = [];
  readonly timersRun: string[] = [];
  private waiter: RequestToken | null = null;
  onTimerRecords: Put[] = [];

  replay({ key, value }: Put, position: RecordPosition): void {
    this.positions.push({ ...position });
    if (value === null) this.values.delete(key);
    else this.values.set(key, value);
  }
  put(token: RequestToken, key: string, value: string): Outcome<Put> {
    return { records: [{ key, value }], answers: [answer(token, `put ${key}`)], timers: [] };
  }
  get(token: RequestToken, key: string): Outcome<Put> {
    return { records: [], answers: [answer(token, this.values.get(key) ?? 'nothing')], timers: [] };
  }
  wait(token: RequestToken): Outcome<Put> {
    this.waiter = token;
    return { records: [], answers: [], timers: [] };
  }
  wake(token: RequestToken): Outcome<Put> {
    const answers = [answer(token, 'woke')];
    if (this.waiter !== null) answers.push(answer(this.waiter, 'woken'));
    this.waiter = null;
    return { records: [], answers, timers: [] };
  }
  alarm(token: RequestToken, key: string, atMs: number | null): Outcome<Put> {
    return { records: [], answers: [answer(token, 'set')], timers: [{ key, atMs }] };
  }
  replayEndTransaction(producerId: bigint, committed: boolean): void {
    this.ended.push([producerId, committed]);
  }
  onLoaded(): Outcome<Put> {
    return { records: [], answers: [], timers: [] };
  }
  onTimer(key: string): Outcome<Put> {
    this.timersRun.push(key);
    return { records: this.onTimerRecords, answers: [], timers: [] };
  }
  onUnloaded(): Outcome<Put> {
    const answers = this.waiter === null ? [] : [answer(this.waiter, 'sent away')];
    return { records: [], answers, timers: [] };
  }
}

function answer(token: RequestToken, response: Said): Answer<Said> {
  return { token, response, failure: (error) => ({ error }) };
}

/** A log in memory whose appends end when the test says so. */
class FakeLog implements CoordinatorLog {
  batches: Uint8Array[] = [];
  end = 0;
  error = 0;
  /** Bytes of stored batches by the offset they begin at. */
  readonly stored = new Map<number, Uint8Array>();
  held: ((outcome: AppendOutcome) => void)[] = [];
  hold = false;

  bounds() {
    return { error: this.error, start: 0, end: this.end };
  }
  read(_slot: number, offset: number): Uint8Array | null {
    return this.stored.get(offset) ?? null;
  }
  append(_slot: number, batch: Uint8Array): Promise<AppendOutcome> {
    this.batches.push(batch);
    return new Promise((resolve) => {
      if (this.hold) this.held.push(resolve);
      else resolve(this.accept(batch));
    });
  }
  accept(batch: Uint8Array): AppendOutcome {
    const baseOffset = this.end;
    const view = new BatchView();
    view.set(batch, 0);
    const placed = batch.slice();
    new DataView(placed.buffer).setBigInt64(0, BigInt(baseOffset));
    this.stored.set(baseOffset, placed);
    this.end += view.count;
    return { error: 0, baseOffset };
  }
  store(builder: BatchBuilder): void {
    this.accept(builder.build());
  }
}

function recordsOf(batch: Uint8Array): string[] {
  const view = new BatchView();
  view.set(batch, 0);
  const found: string[] = [];
  forEachRecord(view, new RecordCursor(), (record) => found.push(text.decode(record.key() ?? undefined)));
  return found;
}

const open: CoordinatorRuntime<PutShard, Put>[] = [];

function start(log: FakeLog, rules = { bytesMax: 1000, codec: Codec.none as Codec }) {
  const shards: PutShard[] = [];
  const reports: string[] = [];
  const runtime = new CoordinatorRuntime<PutShard, Put>({
    topic: 'test',
    log,
    serde,
    clock: systemClock,
    report: (level, message) => {
      if (level !== 'debug') reports.push(message);
    },
    newShard: () => {
      const shard = new PutShard();
      shards.push(shard);
      return shard;
    },
    rules: () => rules,
  });
  open.push(runtime);
  runtime.open(0, 7);
  const failure = (error: number): Said => ({ error });
  const ask = (decide: (shard: PutShard, token: RequestToken) => Outcome<Put>): Promise<Said> =>
    runtime.ask(0, decide, failure);
  const shard = (): PutShard => {
    const last = shards.at(-1);
    if (last === undefined) throw new Error('no shard');
    return last;
  };
  return { runtime, ask, shard, shards, reports };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
async function until(condition: () => boolean, ms = 3000): Promise<void> {
  for (const end = systemClock.monotonicMs() + ms; !condition(); ) {
    if (systemClock.monotonicMs() > end) throw new Error('it did not happen');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

afterEach(async () => {
  for (const runtime of open.splice(0)) await runtime.stop();
});

describe('loading', () => {
  it('replays records of compressed and transactional batches with their places, and tells how transactions ended', async () => {
    const log = new FakeLog();
    log.store(
      new BatchBuilder({ codec: Codec.gzip })
        .append(1, utf8.encode('a'), utf8.encode('1'))
        .append(1, utf8.encode('b'), utf8.encode('2')),
    );
    log.store(
      new BatchBuilder({ transactional: true, producerId: 9n, producerEpoch: 3 }).append(
        1,
        utf8.encode('c'),
        utf8.encode('3'),
      ),
    );
    log.store(
      new BatchBuilder({ control: true, transactional: true, producerId: 9n, producerEpoch: 3 }).append(
        1,
        controlKey(ControlType.commit),
        null,
      ),
    );
    log.store(new BatchBuilder().append(1, utf8.encode('a'), null));
    const { ask, shard } = start(log);
    expect(await ask((one, token) => one.get(token, 'b'))).toEqual({
      error: KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    });
    await until(() => shard().positions.length === 4);
    await turn();
    expect(await ask((one, token) => one.get(token, 'b'))).toBe('2');
    expect(await ask((one, token) => one.get(token, 'a'))).toBe('nothing');
    expect(shard().ended).toEqual([[9n, true]]);
    expect(shard().positions).toEqual([
      { offset: 0, producerId: -1n, producerEpoch: -1 },
      { offset: 1, producerId: -1n, producerEpoch: -1 },
      { offset: 2, producerId: 9n, producerEpoch: 3 },
      { offset: 4, producerId: -1n, producerEpoch: -1 },
    ]);
  });

  it('a log that cannot be read serves nobody and says so', async () => {
    const log = new FakeLog();
    log.end = 5;
    log.stored.set(0, new Uint8Array(100).fill(7));
    const { ask, reports } = start(log);
    await until(() => reports.length > 0);
    expect(await ask((one, token) => one.get(token, 'a'))).toEqual({ error: KafkaError.NOT_COORDINATOR });
    expect(reports).toEqual([expect.stringMatching(/test-0 could not be loaded/)]);
  });

  it('a partition that is not there is NOT_COORDINATOR', async () => {
    const { runtime } = start(new FakeLog());
    const said = await runtime.ask(
      1,
      (one, token) => one.get(token, 'a'),
      (error): Said => ({ error }),
    );
    expect(said).toEqual({ error: KafkaError.NOT_COORDINATOR });
  });
});

describe('writing', () => {
  it("one turn's decisions are one batch; the answers wait for it, also those that write nothing", async () => {
    const log = new FakeLog();
    log.hold = true;
    const { ask } = start(log);
    const said: Said[] = [];
    const note = (one: Said): void => void said.push(one);
    void ask((one, token) => one.put(token, 'a', '1')).then(note);
    void ask((one, token) => one.get(token, 'a')).then(note);
    void ask((one, token) => one.put(token, 'b', '2')).then(note);
    await turn();
    expect(log.batches.map(recordsOf)).toEqual([['a', 'b']]);
    void ask((one, token) => one.put(token, 'c', '3')).then(note);
    await turn();
    expect(log.batches).toHaveLength(1);
    expect(said).toEqual([]);
    log.held.shift()?.(log.accept(log.batches[0]));
    await turn();
    expect(said).toEqual(['put a', '1', 'put b']);
    expect(log.batches.map(recordsOf)).toEqual([['a', 'b'], ['c']]);
    log.held.shift()?.(log.accept(log.batches[1]));
    await turn();
    expect(said.at(-1)).toBe('put c');
  });

  it('predicts the offsets of records and takes over those of the log', async () => {
    const log = new FakeLog();
    const { ask, shard } = start(log);
    await ask((one, token) => one.put(token, 'a', '1'));
    log.end += 10; // somebody else wrote
    await ask((one, token) => one.put(token, 'b', '1'));
    await ask((one, token) => one.put(token, 'c', '1'));
    expect(shard().positions.map(({ offset }) => offset)).toEqual([0, 1, 12]);
  });

  it('decisions that do not fit together go into several batches, one that fits into none is refused', async () => {
    const log = new FakeLog();
    const { ask, shards } = start(log, { bytesMax: 400, codec: Codec.none });
    const large = 'x'.repeat(200);
    const both = [
      ask((one, token) => one.put(token, 'a', large)),
      ask((one, token) => one.put(token, 'b', large)),
    ];
    expect(await Promise.all(both)).toEqual(['put a', 'put b']);
    expect(log.batches.map(recordsOf)).toEqual([['a'], ['b']]);
    expect(await ask((one, token) => one.put(token, 'c', 'x'.repeat(500)))).toEqual({ error: -1 });
    await until(() => shards.length === 2 && shards[1].values.size === 2);
    expect(await ask((one, token) => one.get(token, 'c'))).toBe('nothing');
  });

  it('a refused append is told to all who wait, and the shard is read again', async () => {
    const log = new FakeLog();
    const { ask, shards, shard } = start(log);
    await ask((one, token) => one.put(token, 'kept', '1'));
    log.hold = true;
    const waits = ask((one, token) => one.wait(token));
    const lost = ask((one, token) => one.put(token, 'lost', '1'));
    await turn();
    const behind = ask((one, token) => one.put(token, 'behind', '1'));
    log.held.shift()?.({ error: KafkaError.KAFKA_STORAGE_ERROR, baseOffset: -1 });
    expect(await lost).toEqual({ error: KafkaError.NOT_COORDINATOR });
    expect(await behind).toEqual({ error: KafkaError.NOT_COORDINATOR });
    expect(await waits).toBe('sent away');
    expect(await ask((one, token) => one.get(token, 'kept'))).toEqual({
      error: KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    });
    await until(() => shards.length === 2 && shard().values.has('kept'));
    expect([...shard().values.keys()]).toEqual(['kept']);
  });

  it('a stop writes what was decided, answers it, and sends the rest away', async () => {
    const log = new FakeLog();
    const { ask, runtime } = start(log);
    const waits = ask((one, token) => one.wait(token));
    const put = ask((one, token) => one.put(token, 'a', '1'));
    await runtime.stop();
    expect([await put, await waits]).toEqual(['put a', 'sent away']);
    expect(log.end).toBe(1);
    expect(await ask((one, token) => one.get(token, 'a'))).toEqual({
      error: KafkaError.COORDINATOR_NOT_AVAILABLE,
    });
  });

  it('who waits does not hold up the others', async () => {
    const { ask } = start(new FakeLog());
    const waits = ask((one, token) => one.wait(token));
    expect(await ask((one, token) => one.put(token, 'a', '1'))).toBe('put a');
    expect(await ask((one, token) => one.wake(token))).toBe('woke');
    expect(await waits).toBe('woken');
  });
});

describe('defects', () => {
  it('a request that throws fails alone', async () => {
    const { ask, shards } = start(new FakeLog());
    const broken = ask(() => {
      throw new Error('broken');
    });
    await expect(broken).rejects.toThrow('broken');
    expect(await ask((one, token) => one.put(token, 'a', '1'))).toBe('put a');
    expect(shards.length).toBe(1);
  });

  it('a timer or a replay that throws sends the shard back to its log; nobody is left waiting', async () => {
    const log = new FakeLog();
    const { ask, shard, shards, reports } = start(log);
    await ask((one, token) => one.put(token, 'a', '1'));
    const waits = ask((one, token) => one.wait(token));
    shard().onTimer = () => {
      throw new Error('broken timer');
    };
    await ask((one, token) => one.alarm(token, 'x', systemClock.now()));
    expect(await waits).toBe('sent away');
    await until(() => shards.length === 2 && shard().values.has('a'));
    await turn();
    shard().replay = () => {
      throw new Error('broken replay');
    };
    expect(await ask((one, token) => one.put(token, 'b', '1'))).toEqual({ error: -1 });
    await until(() => shards.length === 3 && shard().values.has('a'));
    expect(shard().values.has('b')).toBe(false);
    expect(reports.length).toBe(2);
  });

  it('a shard is not read again before what is on its way has arrived', async () => {
    const log = new FakeLog();
    const { ask, shard, shards } = start(log, { bytesMax: 400, codec: Codec.none });
    log.hold = true;
    const put = ask((one, token) => one.put(token, 'a', '1'));
    await turn();
    expect(await ask((one, token) => one.put(token, 'b', 'x'.repeat(500)))).toEqual({ error: -1 });
    expect(await put).toEqual({ error: KafkaError.NOT_COORDINATOR });
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(await ask((one, token) => one.get(token, 'a'))).toEqual({
      error: KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    });
    log.hold = false;
    log.held.shift()?.(log.accept(log.batches[0]));
    await until(() => shards.length === 2 && shard().values.has('a'));
  });
});

describe('timers', () => {
  it('run once, can be moved and cancelled; a cancelled or unset timer leaves nothing armed', async () => {
    const { ask, shard } = start(new FakeLog());
    const now = systemClock.now();
    await ask((one, token) => one.alarm(token, 'late', now + 60_000));
    await ask((one, token) => one.alarm(token, 'b', now + 40));
    await ask((one, token) => one.alarm(token, 'a', now + 20));
    await ask((one, token) => one.alarm(token, 'gone', now + 10));
    await ask((one, token) => one.alarm(token, 'gone', null));
    await ask((one, token) => one.alarm(token, 'late', now + 30));
    await until(() => shard().timersRun.length === 3);
    expect(shard().timersRun).toEqual(['a', 'late', 'b']);
  });

  it('what a timer writes may take several batches', async () => {
    const log = new FakeLog();
    const { ask, shard } = start(log, { bytesMax: 200, codec: Codec.none });
    shard().onTimerRecords = ['a', 'b', 'c', 'd', 'e', 'f'].map((key) => ({ key, value: null }));
    await ask((one, token) => one.alarm(token, 'expire', systemClock.now()));
    await until(() => log.end === 6);
    expect(log.batches.map(recordsOf)).toEqual([
      ['a', 'b', 'c', 'd'],
      ['e', 'f'],
    ]);
  });

  it('keeps thousands in order while they move', async () => {
    const queue = new TimerQueue(systemClock);
    const ran: number[] = [];
    const owner = { timerExpired: (key: string) => void ran.push(Number(key)) };
    const now = systemClock.now();
    for (let key = 0; key < 2000; key++) queue.set(owner, String(key), now + 60_000 + key);
    for (let key = 0; key < 2000; key += 2) queue.set(owner, String(key), now - ((key * 7919) % 2000));
    for (let key = 1; key < 2000; key += 2) queue.set(owner, String(key), null);
    expect(queue.size).toBe(1000);
    await until(() => ran.length === 1000);
    expect(queue.size).toBe(0);
    const order = ran.map((key) => -((key * 7919) % 2000));
    const rough = order.filter((at, index) => index > 0 && at < order[index - 1] - 5);
    expect(rough).toEqual([]);
  });
});

describe('memory for batches in flight', () => {
  it('gives places that do not overlap and joins what comes back', () => {
    const memory = new SlabMemory(100);
    const places = [memory.take(30), memory.take(30), memory.take(30)];
    expect(places).toEqual([0, 30, 60]);
    expect(memory.take(20)).toBe(-1);
    memory.giveBack(30, 30);
    expect(memory.take(31)).toBe(-1);
    memory.giveBack(60, 30);
    expect(memory.take(70)).toBe(30);
    memory.giveBack(0, 30);
    memory.giveBack(30, 70);
    expect(memory.take(100)).toBe(0);
  });
});
