/** Records of a segment file of __consumer_offsets, as bytes. */
import { readFileSync } from 'node:fs';
import type { CoordinatorRecord } from '../../../src/coordinator/framework/contract.js';
import { BatchShape, BatchView } from '../../../src/record/batch-view.js';
import { RecordCursor } from '../../../src/record/record-cursor.js';
import { forEachRecord } from '../../../src/record/records.js';

export function readGroupLog(path: string): CoordinatorRecord[] {
  const bytes = Uint8Array.from(readFileSync(path));
  const view = new BatchView();
  const records: CoordinatorRecord[] = [];
  for (let at = 0; view.set(bytes, at) === BatchShape.complete; at = view.nextPosition) {
    forEachRecord(view, new RecordCursor(), (record) => {
      const key = record.key();
      if (key !== null) records.push({ key: key.slice(), value: record.value()?.slice() ?? null });
    });
  }
  return records;
}
