/** Segments written by Kafka itself: what we make of the same batches is the same, and what Kafka left we can use. */
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { expect, it } from 'vitest';
import { RowFlag } from '../../src/io/batch-table.js';
import { ScanFlag, ScanOut, ScanStop } from '../../src/io/segment-engine.js';
import { slowCrc32c } from './batch-bytes.js';
import { describeEngines } from './engines.js';
import { hex, LogBench, name, OPTIONS } from './log-bench.js';

const FILES = [
  { golden: 'create-time', indexIntervalBytes: 600, batchCount: 90, endOffset: 229 },
  { golden: 'log-append-time', indexIntervalBytes: 300, batchCount: 15, endOffset: 39 },
] as const;
const folder = joinPath(import.meta.dirname, 'kafka-files');
/** Not a Buffer: its slices would share memory. */
const file = (golden: string, kind: 'segment' | 'offsets' | 'times'): Uint8Array =>
  Uint8Array.from(readFileSync(joinPath(folder, `${golden}.${kind}`)));

function split(segment: Uint8Array): Uint8Array[] {
  const batches: Uint8Array[] = [];
  for (let at = 0; at < segment.length; ) {
    const total = new DataView(segment.buffer, segment.byteOffset + at).getInt32(8) + 12;
    batches.push(segment.slice(at, at + total));
    at += total;
  }
  return batches;
}

/** The batch as a client sends it: offset 0, epoch -1, and no LogAppendTime. */
function unstamped(stored: Uint8Array): { bytes: Uint8Array; maxTimestamp: number } {
  const bytes = stored.slice();
  const view = new DataView(bytes.buffer);
  const maxTimestamp = Number(view.getBigInt64(35));
  view.setBigInt64(0, 0n);
  view.setInt32(12, -1);
  if ((view.getInt16(21) & 8) !== 0) {
    view.setInt16(21, view.getInt16(21) & ~8);
    view.setBigInt64(35, view.getBigInt64(27));
    view.setUint32(17, slowCrc32c(bytes, 21));
  }
  return { bytes, maxTimestamp };
}

describeEngines('files of Kafka', (make) => {
  it.each(FILES)(
    '$golden: the same batches make the same three files',
    ({ golden, indexIntervalBytes, batchCount }) => {
      const log = LogBench.withSegment(make(), { indexIntervalBytes });
      const stored = split(file(golden, 'segment'));
      expect(stored.length).toBe(batchCount);
      for (const batch of stored) {
        const { bytes, maxTimestamp } = unstamped(batch);
        const flags = golden === 'log-append-time' ? RowFlag.logAppendTime : 0;
        log.append([bytes], { leaderEpoch: 0, flags, appendTime: maxTimestamp });
      }
      log.engine.seal(log.token, 0);
      expect(readFileSync(log.path(0)).equals(file(golden, 'segment'))).toBe(true);
      expect(hex(readFileSync(log.path(0, '.index')))).toBe(hex(file(golden, 'offsets')));
      expect(hex(readFileSync(log.path(0, '.timeindex')))).toBe(hex(file(golden, 'times')));
      log.close();
    },
  );

  it.each(FILES)(
    '$golden: opens, scans, finds and rebuilds',
    ({ golden, indexIntervalBytes, batchCount, endOffset }) => {
      const directory = mkdtempSync(joinPath(tmpdir(), 'millrace-kafka-'));
      const kinds = { '.log': 'segment', '.index': 'offsets', '.timeindex': 'times' } as const;
      for (const [suffix, kind] of Object.entries(kinds)) {
        cpSync(joinPath(folder, `${golden}.${kind}`), joinPath(directory, name(0, suffix)));
      }
      const engine = make();
      const token = engine.openLog(directory, { ...OPTIONS, indexIntervalBytes });
      const log = new LogBench(engine); // for its table
      const size = file(golden, 'segment').length;
      engine.addSegment(token, 0, size);
      const { table, out } = log;
      expect(engine.scan(token, 0, 0, ScanFlag.verify, table, out)).toBe(batchCount);
      expect([out[ScanOut.nextPosition], out[ScanOut.stop]]).toEqual([size, ScanStop.endOfFile]);
      expect(engine.readableBytes(token, 0, endOffset)).toBe(size);
      expect(engine.findBatch(token, endOffset - 1, out)).toBe(true);
      expect(engine.findBatch(token, endOffset, out)).toBe(false);
      const flags = ScanFlag.verify | ScanFlag.rebuildIndexes;
      expect(engine.scan(token, 0, 0, flags, table, out)).toBe(batchCount);
      engine.activate(token);
      engine.seal(token, 0);
      for (const [suffix, kind] of Object.entries(kinds)) {
        expect(hex(readFileSync(joinPath(directory, name(0, suffix)))), suffix).toBe(hex(file(golden, kind)));
      }
      engine.closeLog(token);
      log.close();
      rmSync(directory, { recursive: true });
    },
  );
});
