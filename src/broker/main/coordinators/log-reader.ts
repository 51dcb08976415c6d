/**
 * Reads a coordinator's partition from its start (CoordinatorLoaderImpl): a piece at a time, with a turn of the loop
 * between two, so that a large log neither fills the memory nor stops the main thread.
 */
import type { CoordinatorShard, RecordSerde } from '../../../coordinator/framework/contract.js';
import { BatchShape, BatchView } from '../../../record/batch-view.js';
import { ControlType, controlTypeOf } from '../../../record/control.js';
import { RecordCursor } from '../../../record/record-cursor.js';
import { RecordError } from '../../../record/record-error.js';
import { forEachRecord } from '../../../record/records.js';
import type { CoordinatorLog } from './coordinator-log.js';

const view = new BatchView();
const cursor = new RecordCursor();

type Replayed<Rec> = Pick<CoordinatorShard<Rec>, 'replay' | 'replayEndTransaction'>;

/**
 * Hands every record of [start, end) to `shard`, in order. Resolves with `end`, or with null as soon as `wanted` says no.
 * Throws what the log or a damaged batch throws.
 */
export async function readLog<Rec>(
  log: CoordinatorLog,
  slot: number,
  { start, end }: { start: number; end: number },
  serde: RecordSerde<Rec>,
  shard: Replayed<Rec>,
  wanted: () => boolean,
): Promise<number | null> {
  let offset = start;
  while (offset < end) {
    if (!wanted()) return null;
    const bytes = log.read(slot, offset, end);
    if (bytes === null) break;
    const next = replayBatches(bytes, offset, serde, shard);
    if (next === offset) break;
    offset = next;
    await new Promise(setImmediate);
  }
  return wanted() ? end : null;
}

/** Returns the offset behind the last whole batch. */
function replayBatches<Rec>(
  bytes: Uint8Array,
  from: number,
  serde: RecordSerde<Rec>,
  shard: Replayed<Rec>,
): number {
  let position = 0;
  let next = from;
  while (position < bytes.length) {
    const shape = view.set(bytes, position);
    if (shape === BatchShape.incomplete) break;
    if (shape !== BatchShape.complete) throw new RecordError('corrupt', `no record batch at offset ${next}`);
    position = view.nextPosition;
    next = view.lastOffset + 1;
    const { baseOffset, producerId, producerEpoch, isTransactional, isControl } = view;
    forEachRecord(view, cursor, (record) => {
      const key = record.key();
      const offset = baseOffset + record.offsetDelta;
      if (key === null || offset < from) return;
      if (isControl) {
        const type = controlTypeOf(key);
        const ends = type === ControlType.commit || type === ControlType.abort;
        if (ends) shard.replayEndTransaction?.(producerId, type === ControlType.commit);
        return;
      }
      const decoded = serde.decode(key, record.value());
      if (decoded === null) return;
      shard.replay(decoded, { offset, producerId: isTransactional ? producerId : -1n, producerEpoch });
    });
  }
  return next;
}
