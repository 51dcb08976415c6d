import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { Double, RowFlag, Word } from '../../src/io/batch-table.js';
import type { LogOptions, SegmentEngine } from '../../src/io/segment-engine.js';
import { batchBytes, opaqueBatch, slowCrc32c } from './batch-bytes.js';
import { describeEngines } from './engines.js';
import { hex, LogBench, name } from './log-bench.js';

const benches: LogBench[] = [];
afterEach(() => {
  for (const bench of benches.splice(0)) bench.close();
});
function bench(engine: SegmentEngine, options: Partial<LogOptions> = {}, base = 0): LogBench {
  const made = LogBench.withSegment(engine, options, base);
  benches.push(made);
  return made;
}
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const small = (value = 'v', timestamp = 1000n): Uint8Array =>
  batchBytes({ records: [{ value: text(value) }, { value: text(value) }], baseTimestamp: timestamp });

describeEngines('append', (make) => {
  it('creates the three files and stamps offset and epoch', () => {
    const log = bench(make(), {}, 40);
    for (const suffix of ['.log', '.index', '.timeindex'])
      expect(existsSync(log.path(40, suffix))).toBe(true);
    const before = small('abc');
    const [first, second] = log.append([before, small('defg')], { leaderEpoch: 12 });
    expect([first.baseOffset, second.baseOffset]).toEqual([40, 42]);
    expect([first.position, second.position]).toEqual([0, before.length]);
    const bytes = new Uint8Array(log.info(40).sizeBytes);
    expect(bytes.length).toBe(before.length + second.bytes.length);
    expect(log.engine.readBytes(log.token, 40, 0, bytes)).toBe(bytes.length);
    expect(hex(bytes)).toBe(hex(log.model.segmentBytes(40)));
    const view = new DataView(bytes.buffer);
    expect(view.getBigInt64(0)).toBe(40n);
    expect(view.getInt32(12)).toBe(12);
    expect(hex(bytes.subarray(16, before.length)), 'nothing else changes').toBe(hex(before.subarray(16)));
  });

  it('leaves out rows flagged skip and rows outside [from, to)', () => {
    const log = bench(make());
    log.load([small('a'), small('b'), small('c'), small('d')]);
    for (let row = 0; row < 4; row++) log.table.setWord(row, Word.leaderEpoch, 1);
    log.table.setWord(2, Word.flags, RowFlag.skip);
    log.table.setDouble(1, Double.baseOffset, 0);
    log.table.setDouble(3, Double.baseOffset, 2);
    log.engine.append(log.token, log.table, 1, 4);
    const answer = log.read(0, 4);
    const length = small('b').length;
    expect(answer.bytes.length).toBe(2 * length);
    expect(String.fromCharCode(answer.bytes[length - 2], answer.bytes[2 * length - 2])).toBe('bd');
    expect(log.table.double(3, Double.filePosition)).toBe(length);
    expect(log.info(0).sizeBytes).toBe(2 * length);
    log.load([small('e')], RowFlag.skip);
    log.engine.append(log.token, log.table, 0, 1);
    expect(log.info(0).sizeBytes, 'nothing to append').toBe(2 * length);
  });

  it('stamps LogAppendTime with a right CRC', () => {
    const log = bench(make());
    const appendTime = 1_723_456_789_012;
    const [batch] = log.append([small('x'), small('y')], { flags: RowFlag.logAppendTime, appendTime });
    const { bytes } = log.read(0, 4);
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    expect(view.getInt16(21)).toBe(8);
    expect(view.getBigInt64(35)).toBe(BigInt(appendTime));
    expect(view.getBigInt64(27), 'baseTimestamp stays').toBe(1000n);
    expect(view.getUint32(17)).toBe(slowCrc32c(bytes, 21, batch.bytes.length));
    expect(hex(bytes)).toBe(hex(log.model.segmentBytes(0)));
    expect(log.info(0).maxTimestamp).toBe(appendTime);
    expect(log.info(0).offsetOfMaxTimestamp).toBe(1);
  });

  it('corrects maxTimestamp with a right CRC', () => {
    const log = bench(make());
    const lying = (maxTimestamp: bigint): Uint8Array =>
      batchBytes({
        records: [{ timestampDelta: 5n }, { timestampDelta: 900n }, {}],
        baseTimestamp: 77n,
        maxTimestamp,
      });
    log.append([lying(0n), lying(-1n), lying(2n ** 50n)], { flags: RowFlag.fixMaxTimestamp });
    const { bytes } = log.read(0, 9);
    const length = lying(0n).length;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    for (const at of [0, length, 2 * length]) {
      expect(view.getBigInt64(at + 35)).toBe(977n);
      expect(view.getInt16(at + 21)).toBe(0);
      expect(view.getUint32(at + 17)).toBe(slowCrc32c(bytes, at + 21, at + length));
    }
    expect(hex(bytes)).toBe(hex(log.model.segmentBytes(0)));
    expect(log.info(0).maxTimestamp).toBe(977);
  });

  it('writes large and small batches, one call or many, to the same bytes', () => {
    const sizes = [61 + 8, 300, 1_500_000, 70, 262_144, 262_143, 90, 3_000_000, 65_536, 4097];
    const batches = sizes.map((size, index) => opaqueBatch(size, 1 + (index % 3), BigInt(index), index));
    const one = bench(make());
    one.append(batches);
    const many = bench(make());
    for (const batch of batches) many.append([batch]);
    for (const log of [one, many]) {
      log.engine.seal(log.token, 0);
      log.expectSealed(0);
    }
  });

  it.each(['auto', 'mmap', 'pwrite'] as const)(
    'writes the same with engine %s, changed on the way',
    (engine) => {
      const log = bench(make(), { engine, indexIntervalBytes: 1000 });
      const sizes = [70, 5000, 400_000, 90, 1_100_000, 61 + 8, 65_536];
      const add = (): void => {
        for (const size of sizes) log.append([opaqueBatch(size, 2, BigInt(size)), opaqueBatch(99, 1, 4n)]);
      };
      add();
      expect(hex(log.read(4, 6).bytes)).toBe(hex(log.model.read(4, 6, 1 << 30, true).bytes));
      for (const other of ['pwrite', 'mmap', 'auto'] as const) {
        log.options = { ...log.options, engine: other };
        log.engine.setOptions(log.token, log.options);
        add();
      }
      log.engine.seal(log.token, 0);
      log.expectSealed(0);
    },
  );

  it('keeps negative and huge numbers intact', () => {
    const log = bench(make());
    const odd = [
      batchBytes({
        payload: new Uint8Array(20),
        attributes: 2,
        count: 1,
        baseTimestamp: -1n,
        maxTimestamp: -1n,
      }),
      batchBytes({
        payload: new Uint8Array(9),
        attributes: 2,
        count: 1,
        baseTimestamp: -5n,
        maxTimestamp: 2n ** 62n + 3n,
      }),
    ];
    log.append(odd, { leaderEpoch: 0x7fffffff, baseOffset: 2 ** 31 - 3 });
    expect(hex(log.read(0, 2 ** 31).bytes)).toBe(hex(log.model.segmentBytes(0)));
    const far = bench(make(), {}, 2 ** 52);
    far.append([small(), small()]);
    expect(hex(far.read(2 ** 52 + 2, 2 ** 52 + 4).bytes)).toBe(hex(far.model.batches[1].bytes));
  });
});

describeEngines('segments', (make) => {
  it('describes an empty segment', () => {
    const log = bench(make(), {}, 12);
    const { modifiedMs, offsetOfMaxTimestamp, ...info } = log.info(12);
    expect(info).toEqual({
      sizeBytes: 0,
      maxTimestamp: -1,
      offsetIndexEntries: 0,
      timeIndexEntries: 0,
      bytesSinceIndexEntry: 0,
      firstBatchMaxTimestamp: -1,
    });
    expect(offsetOfMaxTimestamp).toBeLessThanOrEqual(12);
    expect(Math.abs(modifiedMs - Date.now())).toBeLessThan(60_000);
    log.engine.seal(log.token, 12);
    for (const suffix of ['.log', '.index', '.timeindex'])
      expect(statSync(log.path(12, suffix)).size).toBe(0);
  });

  it('describes live, sealed and reopened segments alike', () => {
    const log = bench(make(), { indexIntervalBytes: 300 });
    const timestamps = [50n, 20n, 80n, 80n, 10n, 79n];
    log.append(timestamps.map((timestamp) => opaqueBatch(200, 2, timestamp)));
    const check = (): void => {
      const info = log.info(0);
      expect(info.sizeBytes).toBe(1200);
      expect([info.maxTimestamp, info.offsetOfMaxTimestamp]).toEqual([80, 5]);
      expect(info.firstBatchMaxTimestamp).toBe(50);
    };
    check();
    log.roll();
    check();
    log.append([opaqueBatch(200, 1, 5n)]);
    log.engine.seal(log.token, 12);
    log.reopen(make());
    check();
    expect(log.info(12).maxTimestamp).toBe(5);
    expect(log.info(12).firstBatchMaxTimestamp).toBe(5);
  });

  it('finds the largest timestamp behind the last index row', () => {
    const log = bench(make(), { indexIntervalBytes: 300 });
    log.append([10n, 20n, 30n, 40n, 35n].map((timestamp) => opaqueBatch(200, 1, timestamp)));
    log.engine.seal(log.token, 0);
    // An index that ends early, as after a crash whose recovery point let it pass.
    const times = readFileSync(log.path(0, '.timeindex'));
    writeFileSync(log.path(0, '.timeindex'), times.subarray(0, 12));
    log.reopen(make());
    expect([log.info(0).maxTimestamp, log.info(0).offsetOfMaxTimestamp]).toEqual([40, 3]);
  });

  it('works without index files of a sealed segment', () => {
    const log = bench(make(), { indexIntervalBytes: 300 });
    log.append(Array.from({ length: 30 }, (_, index) => opaqueBatch(200, 1, BigInt(index))));
    log.roll();
    log.append([opaqueBatch(200, 1, 99n)]);
    log.engine.seal(log.token, 30);
    writeFileSync(log.path(0, '.index'), '');
    writeFileSync(log.path(0, '.timeindex'), '');
    log.reopen(make());
    expect(hex(log.read(17, 18).bytes)).toBe(hex(log.model.batches[17].bytes));
    expect(log.engine.findByTimestamp(log.token, 23, 0, log.out)).toBe(true);
    expect(log.found()).toEqual(log.model.batches[23]);
  });

  it('reads indexes that another broker preallocated and left full of zeroes', () => {
    const log = bench(make(), { indexIntervalBytes: 300 });
    log.append(Array.from({ length: 30 }, (_, index) => opaqueBatch(200, 1, BigInt(index))));
    log.engine.seal(log.token, 0);
    const sizes = ['.index', '.timeindex'].map((suffix) => {
      const bytes = readFileSync(log.path(0, suffix));
      writeFileSync(log.path(0, suffix), Buffer.concat([bytes, Buffer.alloc(120_000)]));
      return bytes.length;
    });
    log.reopen(make());
    expect(log.info(0).offsetIndexEntries).toBe(sizes[0] / 8);
    expect(log.info(0).timeIndexEntries).toBe(sizes[1] / 12);
    const [added] = log.append([opaqueBatch(200, 1, 99n)]);
    expect(hex(log.read(30, 31).bytes)).toBe(hex(added.bytes));
    log.engine.seal(log.token, 0);
    expect(statSync(log.path(0, '.index')).size).toBe(sizes[0]);
    expect(statSync(log.path(0, '.timeindex')).size).toBe(sizes[1] + 12);
  });

  it('replaces left-over files of the same name', () => {
    const log = new LogBench(make());
    benches.push(log);
    for (const suffix of ['.log', '.index', '.timeindex'])
      writeFileSync(log.path(0, suffix), 'left over'.repeat(99));
    log.create(0);
    log.append([small()]);
    log.engine.seal(log.token, 0);
    log.expectSealed(0);
  });

  it.each([false, true])('prepares the next segment without showing it (preallocate %s)', (preallocate) => {
    const log = bench(make(), { preallocate, segmentBytes: 1 << 20 });
    const segmentNames = (): string[] =>
      readdirSync(log.directory)
        .filter((file) => /^\d{20}\.\w+$/.test(file))
        .sort();
    log.append([small()]);
    const before = segmentNames();
    log.engine.prepareSegment(log.token);
    log.engine.prepareSegment(log.token);
    expect(segmentNames()).toEqual(before);
    log.roll();
    log.append([small('second')]);
    log.engine.seal(log.token, 2);
    for (const base of [0, 2]) log.expectSealed(base);
    expect(readdirSync(log.directory).sort(), 'nothing else is left').toEqual(segmentNames());
    log.engine.prepareSegment(log.token);
    log.reopen(make());
    expect(segmentNames()).toEqual(
      [0, 2].flatMap((base) => ['.index', '.log', '.timeindex'].map((s) => name(base, s))),
    );
    log.append([small('third')]);
    expect(hex(log.read(4, 6).bytes)).toBe(hex(log.model.batches[2].bytes));
  });

  it('preallocates when asked and trims when sealed', () => {
    const log = bench(make(), { preallocate: true, segmentBytes: 1 << 20 });
    log.append([small()]);
    expect(statSync(log.path(0)).size).toBe(1 << 20);
    expect(log.info(0).sizeBytes).toBe(small().length);
    log.engine.seal(log.token, 0);
    log.expectSealed(0);
    log.engine.seal(log.token, 0); // again: nothing happens
    log.expectSealed(0);
  });

  it('counts the size of the log', () => {
    const log = bench(make(), { indexIntervalBytes: 100 });
    log.append(Array.from({ length: 20 }, (_, index) => opaqueBatch(200, 1, BigInt(index))));
    log.roll();
    log.append([small()]);
    log.engine.seal(log.token, 20);
    const files = readdirSync(log.directory).map((file) => statSync(`${log.directory}/${file}`).size);
    const logs = statSync(log.path(0)).size + statSync(log.path(20)).size;
    const size = log.engine.logSizeBytes(log.token);
    expect(size).toBeGreaterThanOrEqual(logs);
    expect(size).toBeLessThanOrEqual(files.reduce((sum, bytes) => sum + bytes, 0));
  });

  it('flushes live and sealed segments', () => {
    const log = bench(make());
    log.append([small()]);
    log.roll();
    log.append([small()]);
    for (const from of [0, 1, 2, 3, 4, 100]) log.engine.flush(log.token, from);
    expect(
      Buffer.from(readFileSync(log.path(2)).subarray(0, small().length)).equals(log.model.segmentBytes(2)),
    ).toBe(true);
  });
});
