import { describe, expect, it } from 'vitest';
import { BatchBuilder, type RecordHeader } from '../../src/record/batch-builder.js';
import { ControlType, controlTypeOf, coordinatorEpochOf } from '../../src/record/control.js';
import { Codec, codecByName, codecName } from '../../src/record/layout.js';
import { RecordCursor } from '../../src/record/record-cursor.js';
import { forEachRecord } from '../../src/record/records.js';
import { forEachBatch, goldenFiles } from './golden.js';

const text = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : Buffer.from(bytes).toString();
const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

function headersOf(cursor: RecordCursor): [string, string | null][] {
  const found: [string, string | null][] = [];
  while (cursor.nextHeader()) {
    const { bytes, headerKeyPosition, headerKeyLength, headerValuePosition, headerValueLength } = cursor;
    const key = text(bytes.subarray(headerKeyPosition, headerKeyPosition + headerKeyLength)) ?? '';
    const value = bytes.subarray(headerValuePosition, headerValuePosition + headerValueLength);
    found.push([key, headerValueLength < 0 ? null : text(value)]);
  }
  return found;
}

describe('segments written by real clients', () => {
  it('covers every codec of both clients', () => {
    const seen = new Set<string>();
    for (const client of ['java', 'kcat']) {
      for (const codec of CODECS) {
        for (const file of goldenFiles('.log', `${client}-${codec}-0`)) {
          forEachBatch(file, (view) => seen.add(`${client} ${codecName(view.codecId)}`));
        }
      }
    }
    expect([...seen].sort()).toEqual(['java', 'kcat'].flatMap((c) => CODECS.map((n) => `${c} ${n}`)).sort());
  });

  it.each(CODECS)('java producer, %s: every record, header and timestamp', (codec) => {
    const cursor = new RecordCursor();
    let index = 0;
    for (const file of goldenFiles('.log', `java-${codec}-0`)) {
      forEachBatch(file, (view) => {
        expect(view.isCrcRight()).toBe(true);
        expect(view.codecId).toBe(codecByName(codec));
        expect(view.baseOffset).toBe(index);
        forEachRecord(view, cursor, () => {
          expect(cursor.offsetDelta).toBe(index - view.baseOffset);
          expect(view.timestampOf(cursor)).toBe(1_700_000_000_000 + index * 10);
          expect(text(cursor.key())).toBe(index % 5 === 0 ? null : `key-${index}`);
          expect(text(cursor.value())).toBe(
            `value ${index} of codec ${codec}, the quick brown fox jumps over the lazy dog`,
          );
          const headers = [['trace', `id-${index}`], ['none', null]]; // biome-ignore format: pairs
          expect(headersOf(cursor)).toEqual(index % 7 === 0 ? headers : []);
          cursor.rewindHeaders();
          expect(headersOf(cursor).length).toBe(cursor.headerCount);
          index++;
        });
      });
    }
    expect(index).toBe(codec === 'none' ? 60 : 900);
  });

  it.each(CODECS)('librdkafka producer, %s: every record', (codec) => {
    const cursor = new RecordCursor();
    let index = 0;
    for (const file of goldenFiles('.log', `kcat-${codec}-0`)) {
      forEachBatch(file, (view) => {
        forEachRecord(view, cursor, () => {
          index++;
          expect(text(cursor.key())).toBe(`k${index}`);
          expect(text(cursor.value())).toBe(
            `kcat line ${index} with some text that repeats, repeats, repeats`,
          );
          expect(headersOf(cursor)).toEqual([['source', 'kcat']]);
        });
      });
    }
    expect(index).toBe(codec === 'none' ? 40 : 400);
  });

  it('transactions: producer fields and markers', () => {
    const cursor = new RecordCursor();
    const markers: number[] = [];
    for (const file of goldenFiles('.log', 'txn-0')) {
      forEachBatch(file, (view) => {
        expect(view.isTransactional).toBe(true);
        expect(Number(view.producerId)).toBe(view.producerIdLow);
        expect(view.producerIdHigh).toBe(0);
        if (!view.isControl) {
          expect([view.baseSequence, view.lastSequence]).toEqual([0, 2]);
          return;
        }
        expect([view.baseSequence, view.lastSequence]).toEqual([-1, -1]);
        forEachRecord(view, cursor, () => {
          markers.push(controlTypeOf(cursor.key()));
          expect(coordinatorEpochOf(cursor.value())).toBe(0);
        });
      });
    }
    const { commit, abort } = ControlType;
    expect(markers).toEqual([commit, abort, commit, abort, commit, abort]);
  });

  it('a LogAppendTime batch gives every record the append time', () => {
    const cursor = new RecordCursor();
    forEachBatch(goldenFiles('.log', 'append-time-0')[0], (view) => {
      expect(view.isLogAppendTime).toBe(true);
      forEachRecord(view, cursor, () => expect(view.timestampOf(cursor)).toBe(view.maxTimestamp));
    });
  });

  it('a builder given the same records makes the same bytes (uncompressed)', () => {
    let batches = 0;
    const cursor = new RecordCursor();
    for (const name of ['java-none-0', 'kcat-none-0', 'txn-0', 'odd-0', '__cluster_metadata-0']) {
      for (const file of goldenFiles('.log', name)) {
        forEachBatch(file, (view) => {
          const builder = new BatchBuilder({
            baseOffset: view.baseOffset,
            leaderEpoch: view.leaderEpoch,
            producerId: view.producerId,
            producerEpoch: view.producerEpoch,
            baseSequence: view.baseSequence,
            transactional: view.isTransactional,
            control: view.isControl,
          });
          forEachRecord(view, cursor, () => {
            const headers: RecordHeader[] = headersOf(cursor).map(([key, value]) => ({
              key,
              value: value === null ? null : Buffer.from(value),
            }));
            builder.append(view.timestampOf(cursor), cursor.key(), cursor.value(), headers);
          });
          const original = Buffer.from(view.bytes.subarray(view.position, view.nextPosition));
          expect(Buffer.from(builder.build()).equals(original)).toBe(true);
          batches++;
        });
      }
    }
    expect(batches).toBeGreaterThan(500);
    expect(Codec.none).toBe(0);
  });
});
