import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { BatchTable, Double, RowStatus, Word } from '../../src/io/batch-table.js';
import { ScanFlag, ScanOut, ScanStop, type SegmentEngine } from '../../src/io/segment-engine.js';
import { batchBytes, join, opaqueBatch, stamped } from './batch-bytes.js';
import { describeEngines } from './engines.js';
import { hex, LogBench, name, OPTIONS } from './log-bench.js';
import { expectedIndexes, offsetIndexBytes, timeIndexBytes } from './log-model.js';

const directories: string[] = [];
afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

interface ScanAnswer {
  rows: { position: number; length: number; baseOffset: number; lastOffset: number }[];
  next: number;
  stop: number;
  detail: number;
}

/** A `.log` with the given bytes, opened as recovery opens it. */
class Recovery {
  readonly directory = mkdtempSync(joinPath(tmpdir(), 'millrace-scan-'));
  readonly token: number;
  constructor(
    readonly engine: SegmentEngine,
    bytes: Uint8Array,
    readonly base = 0,
    options = OPTIONS,
  ) {
    directories.push(this.directory);
    writeFileSync(joinPath(this.directory, name(base, '.log')), bytes);
    this.token = engine.openLog(this.directory, options);
    engine.addSegment(this.token, base, bytes.length);
  }
  scan(flags: number = ScanFlag.verify, from = 0, rowsMax = 200): ScanAnswer {
    const table = new BatchTable(rowsMax);
    const out = new Float64Array(4);
    const count = this.engine.scan(this.token, this.base, from, flags, table, out);
    const rows = Array.from({ length: count }, (_, row) => ({
      position: table.double(row, Double.filePosition),
      length: table.word(row, Word.length),
      baseOffset: table.double(row, Double.baseOffset),
      lastOffset: table.double(row, Double.baseOffset) + table.word(row, Word.lastOffsetDelta),
    }));
    return { rows, next: out[ScanOut.nextPosition], stop: out[ScanOut.stop], detail: out[ScanOut.detail] };
  }
  validAfter(from: number, expectedOffset: number): number {
    return this.engine.findValidBatchAfter(this.token, this.base, from, expectedOffset);
  }
  close(): void {
    this.engine.closeLog(this.token);
  }
}

/** `count` batches of 2 offsets each from `base`, all different. */
function chain(count: number, base = 0, size = 150): Uint8Array[] {
  return Array.from({ length: count }, (_, index) =>
    stamped(opaqueBatch(size + index, 2, BigInt(index * 5), index + 1), base + index * 2, 3),
  );
}

describeEngines('scan', (make) => {
  it('walks to the end of the file and fills the header columns', () => {
    const batches = chain(9, 1000);
    batches[4] = stamped(
      batchBytes({
        records: [{}, {}],
        attributes: 0x30,
        producerId: 0x1_0000_0002n,
        producerEpoch: 7,
        baseSequence: 99,
        baseTimestamp: 1234n,
        maxTimestamp: 5678n,
      }),
      1008,
      42,
    );
    for (const flags of [0, ScanFlag.verify]) {
      const recovery = new Recovery(make(), join(batches), 1000);
      const { rows, next, stop } = recovery.scan(flags);
      expect(rows.map(({ baseOffset }) => baseOffset)).toEqual(batches.map((_, index) => 1000 + index * 2));
      expect(rows.map(({ length }) => length)).toEqual(batches.map(({ length }) => length));
      expect([next, stop]).toEqual([join(batches).length, ScanStop.endOfFile]);
      const table = new BatchTable(10);
      recovery.engine.scan(recovery.token, 1000, 0, flags, table, new Float64Array(4));
      const words = {
        attributes: 0x30,
        lastOffsetDelta: 1,
        count: 2,
        producerEpoch: 7,
        baseSequence: 99,
        leaderEpoch: 42,
      };
      for (const [column, value] of Object.entries(words)) {
        expect(table.word(4, Word[column as keyof typeof words]), column).toBe(value);
      }
      expect([table.word(4, Word.producerIdHigh), table.word(4, Word.producerIdLow)]).toEqual([1, 2]);
      expect([table.double(4, Double.baseTimestamp), table.double(4, Double.maxTimestamp)]).toEqual([
        1234, 5678,
      ]);
      expect(table.double(4, Double.filePosition)).toBe(rows[4].position);
      recovery.close();
    }
  });

  it('an empty file is at its end', () => {
    const recovery = new Recovery(make(), new Uint8Array(0));
    expect(recovery.scan()).toEqual({
      rows: [],
      next: 0,
      stop: ScanStop.endOfFile,
      detail: expect.any(Number),
    });
    recovery.close();
  });

  it('comes back when the table is full and goes on from there', () => {
    const batches = chain(10);
    const recovery = new Recovery(make(), join(batches));
    const offsets: number[] = [];
    let [from, calls] = [0, 0];
    for (;;) {
      const { rows, next, stop } = recovery.scan(ScanFlag.verify, from, 3);
      offsets.push(...rows.map(({ baseOffset }) => baseOffset));
      from = next;
      calls++;
      if (stop !== ScanStop.tableFull) {
        expect(stop).toBe(ScanStop.endOfFile);
        break;
      }
      expect(rows.length).toBe(3);
    }
    expect(calls).toBe(4);
    expect(offsets).toEqual(batches.map((_, index) => index * 2));
    recovery.close();
  });

  it('finds a file torn at every byte', () => {
    const batches = chain(3, 70_000);
    const whole = join(batches);
    const tail = whole.length - batches[2].length;
    const engine = make();
    for (let length = tail + 1; length < whole.length; length++) {
      const recovery = new Recovery(engine, whole.subarray(0, length), 70_000);
      const { rows, next, stop } = recovery.scan();
      expect([rows.length, next], `cut at ${length}`).toEqual([2, tail]);
      // A few bytes of an offset's leading zeroes cannot be told from a zero tail.
      const zero = whole.subarray(tail, length).every((byte) => byte === 0);
      expect(zero ? [ScanStop.torn, ScanStop.zeroTail] : [ScanStop.torn], `cut at ${length}`).toContain(stop);
      expect(recovery.validAfter(tail, 70_004)).toBe(-1);
      recovery.close();
    }
  });

  it('stops at a zero tail', () => {
    const batches = chain(4);
    for (const zeroes of [61, 62, 4096, 300_000]) {
      const recovery = new Recovery(make(), join([...batches, new Uint8Array(zeroes)]));
      const { rows, next, stop } = recovery.scan();
      expect([rows.length, next, stop]).toEqual([4, join(batches).length, ScanStop.zeroTail]);
      expect(recovery.validAfter(next, 8)).toBe(-1);
      recovery.close();
    }
  });

  it('stops at a stale batch of an older life', () => {
    const old = stamped(opaqueBatch(200, 4, 1n), 500, 1);
    const batches = chain(4, 1000);
    for (const stale of [old, stamped(opaqueBatch(200, 1, 1n), 1006, 1)]) {
      const recovery = new Recovery(make(), join([...batches, stale]), 1000);
      const { rows, next, stop } = recovery.scan();
      expect([rows.length, next, stop]).toEqual([4, join(batches).length, ScanStop.staleBatch]);
      expect(recovery.validAfter(next, 1008)).toBe(-1);
      recovery.close();
    }
    const first = new Recovery(make(), old, 1000);
    expect(first.scan()).toMatchObject({ rows: [], next: 0, stop: ScanStop.staleBatch });
    first.close();
  });

  it('stops at a bad batch and says why', () => {
    const batches = chain(5);
    const start = join(batches.slice(0, 2)).length;
    const patch = (at: number, value: number, size: 1 | 4 = 1): Uint8Array => {
      const bytes = join(batches);
      const view = new DataView(bytes.buffer);
      if (size === 1) view.setUint8(start + at, value);
      else view.setInt32(start + at, value);
      return bytes;
    };
    const cases: [string, Uint8Array, number][] = [
      ['length 48', patch(8, 48, 4), RowStatus.tooSmall],
      ['length -1', patch(8, -1, 4), RowStatus.tooSmall],
      ['magic', patch(16, 9), RowStatus.badMagic],
      ['crc', patch(17, 0x55), RowStatus.badCrc],
      ['a byte of the payload', patch(100, 0x55), RowStatus.badCrc],
      ['an attribute', patch(22, 0x55), RowStatus.badCrc],
    ];
    for (const [what, bytes, status] of cases) {
      const recovery = new Recovery(make(), bytes);
      const { rows, next, stop, detail } = recovery.scan();
      expect([rows.length, next, stop, detail], what).toEqual([2, start, ScanStop.badBatch, status]);
      expect(recovery.validAfter(next, 4), what).toBe(start + batches[2].length);
      recovery.close();
    }
  });

  it('reads headers only unless asked to verify', () => {
    const bytes = join(chain(3));
    bytes[100] ^= 1;
    const recovery = new Recovery(make(), bytes);
    expect(recovery.scan(0)).toMatchObject({ stop: ScanStop.endOfFile, next: bytes.length });
    expect(recovery.scan(ScanFlag.verify)).toMatchObject({
      stop: ScanStop.badBatch,
      next: 0,
      detail: RowStatus.badCrc,
    });
    recovery.close();
  });

  it('verifies batches larger than any buffer', () => {
    const bytes = join([
      stamped(opaqueBatch(5_000_001, 2, 1n), 0, 0),
      stamped(opaqueBatch(100, 2, 1n), 2, 0),
      stamped(opaqueBatch(2_097_152, 2, 1n), 4, 0),
    ]);
    const recovery = new Recovery(make(), bytes);
    expect(recovery.scan()).toMatchObject({ stop: ScanStop.endOfFile, next: bytes.length });
    recovery.close();
    bytes[4_999_999] ^= 0x80;
    const damaged = new Recovery(make(), bytes);
    expect(damaged.scan()).toMatchObject({ stop: ScanStop.badBatch, next: 0, detail: RowStatus.badCrc });
    expect(damaged.validAfter(0, 0)).toBe(5_000_001);
    damaged.close();
  });

  it('steps over gaps in offsets', () => {
    const batches = [3, 9, 20].map((offset) => stamped(opaqueBatch(120, 2, 1n), offset, 0));
    const recovery = new Recovery(make(), join(batches));
    expect(recovery.scan()).toMatchObject({ stop: ScanStop.endOfFile });
    recovery.close();
  });
});

describeEngines('findValidBatchAfter', (make) => {
  it('looks at every position, for batches that could follow', () => {
    const good = stamped(opaqueBatch(130, 2, 1n), 50, 0);
    for (const junk of [1, 7, 61, 500, 70_000]) {
      const bytes = join([...chain(2), new Uint8Array(junk).fill(2), good]);
      const from = join(chain(2)).length;
      const recovery = new Recovery(make(), bytes);
      expect(recovery.validAfter(from, 4)).toBe(from + junk);
      expect(recovery.validAfter(from, 50)).toBe(from + junk);
      expect(recovery.validAfter(from, 51), 'an older offset').toBe(-1);
      expect(recovery.validAfter(from + junk, 4), 'only behind').toBe(-1);
      recovery.close();
    }
  });

  it('is not fooled by a wrong CRC, a cut batch or an offset out of range', () => {
    const good = stamped(opaqueBatch(130, 2, 1n), 50, 0);
    const broken = good.slice();
    broken[129] ^= 1;
    const far = stamped(opaqueBatch(130, 2, 1n), 2 ** 40, 0);
    for (const tail of [broken, good.subarray(0, 129), far]) {
      const recovery = new Recovery(make(), join([new Uint8Array(100).fill(1), tail]));
      expect(recovery.validAfter(0, 0)).toBe(-1);
      recovery.close();
    }
  });
});

describeEngines('recovery', (make) => {
  const rebuild = ScanFlag.verify | ScanFlag.rebuildIndexes;

  it.each([200, 7])('rebuilds both indexes by the rule of Kafka (%i rows a call)', (rowsMax) => {
    const batches = chain(60, 10, 300);
    const options = { ...OPTIONS, indexIntervalBytes: 1000 };
    const recovery = new Recovery(make(), join([...batches, new Uint8Array(100)]), 10, options);
    for (const suffix of ['.index', '.timeindex']) {
      writeFileSync(joinPath(recovery.directory, name(10, suffix)), 'rubbish that must go'.repeat(50));
    }
    let answer = recovery.scan(rebuild, 0, rowsMax);
    while (answer.stop === ScanStop.tableFull) answer = recovery.scan(rebuild, answer.next, rowsMax);
    expect(answer.stop).toBe(ScanStop.zeroTail);
    const { engine, token } = recovery;
    engine.truncate(token, 10, answer.next, 130);
    engine.activate(token);
    engine.seal(token, 10);
    const model = answerModel(batches, 10);
    const rows = expectedIndexes(model, 1000, true);
    const read = (suffix: string): string =>
      hex(readFileSync(joinPath(recovery.directory, name(10, suffix))));
    expect(read('.index')).toBe(hex(offsetIndexBytes(rows, 10)));
    expect(read('.timeindex')).toBe(hex(timeIndexBytes(rows, 10)));
    expect(read('.log')).toBe(hex(join(batches)));
    recovery.close();
  });

  it('goes on appending after the cut', () => {
    const log = LogBench.withSegment(make(), { indexIntervalBytes: 500 }, 10);
    log.append(Array.from({ length: 30 }, (_, index) => opaqueBatch(200, 2, BigInt(index))));
    log.engine.seal(log.token, 10);
    appendFileSync(log.path(10), opaqueBatch(90, 1, 1n).subarray(0, 70));
    log.reopen(make(), false);
    const out = new Float64Array(4);
    const rows = log.engine.scan(log.token, 10, 0, rebuild, log.table, out);
    expect([rows, out[ScanOut.nextPosition]]).toEqual([30, 6000]);
    log.engine.truncate(log.token, 10, 6000, 70);
    log.engine.activate(log.token);
    expect(log.info(10)).toMatchObject({ sizeBytes: 6000, maxTimestamp: 29, offsetOfMaxTimestamp: 69 });
    log.append([opaqueBatch(200, 2, 99n)]);
    expect(log.read(10, 72).bytes.length).toBe(6200);
    expect(hex(log.read(71, 72).bytes)).toBe(hex(log.model.batches[30].bytes));
    log.close();
  });

  describe('truncate', () => {
    it('cuts log and indexes at any batch', () => {
      const engine = make();
      for (let keep = 0; keep <= 12; keep++) {
        const log = LogBench.withSegment(engine, { indexIntervalBytes: 300 }, 5);
        log.append(Array.from({ length: 12 }, (_, index) => opaqueBatch(200, 2, BigInt(index * 10))));
        const cut = log.model.batches[keep]?.position ?? 2400;
        engine.truncate(log.token, 5, cut, 5 + keep * 2);
        log.model.batches.length = keep;
        const info = log.info(5);
        const largest = keep === 0 ? -1 : (keep - 1) * 10;
        expect([info.sizeBytes, info.maxTimestamp, info.bytesSinceIndexEntry]).toEqual([cut, largest, 0]);
        const kept = expectedIndexes(log.model.batches, 300, false);
        expect([info.offsetIndexEntries, info.timeIndexEntries]).toEqual([
          kept.offsets.length,
          kept.times.length,
        ]);
        expect(log.read(5, 29).bytes.length).toBe(cut);
        expect(engine.findBatch(log.token, 5 + keep * 2, log.out)).toBe(false);
        log.append(Array.from({ length: 5 }, (_, index) => opaqueBatch(250, 2, BigInt(index * 100))));
        engine.seal(log.token, 5);
        log.expectSealed(5, [cut]);
        log.close();
      }
    });
  });
});

function answerModel(batches: Uint8Array[], segmentBase: number): Parameters<typeof expectedIndexes>[0] {
  let position = 0;
  return batches.map((bytes, index) => {
    const baseOffset = segmentBase + index * 2;
    const batch = {
      segmentBase,
      position,
      baseOffset,
      lastOffset: baseOffset + 1,
      maxTimestamp: index * 5,
      leaderEpoch: 3,
      bytes,
    };
    position += bytes.length;
    return batch;
  });
}
