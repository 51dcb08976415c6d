/**
 * Batches of offsets with their delivery state, and how new ones are laid over old ones (PersisterStateBatchCombiner):
 *
 *   old      |--- A ---|        |- C -|
 *   new            |--- B ---|              start
 *   result   |- A -|--- B ---|  |- C -|     what lies below the start is cut off
 *
 * Where batches overlap, the larger delivery count counts, and for the same count the larger state: deliveries only go
 * forward, whatever order the writes came in. Contiguous batches in the same state are one. The cuts are Kafka's, so that
 * the records are; the work is one pass over the sorted batches.
 */

/** Offsets [firstOffset, lastOffset]; deliveryState 0 available, 2 acknowledged, 4 archived. */
export interface StateBatch {
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly deliveryState: number;
  readonly deliveryCount: number;
}

/** The batches of `older` with those of `newer` over them, from `startOffset` (−1: all); sorted, without overlaps. */
export function combineBatches(
  older: readonly StateBatch[],
  newer: readonly StateBatch[],
  startOffset: number,
): StateBatch[] {
  const kept = [...older, ...newer]
    .filter(({ lastOffset }) => startOffset === -1 || lastOffset >= startOffset)
    .map((batch) => (batch.firstOffset < startOffset ? { ...batch, firstOffset: startOffset } : batch));
  return kept.length < 2 ? kept : merge(kept);
}

/** Whether offsets are in order; a batch that ends before it begins would never be done merging. */
export function isBatch({ firstOffset, lastOffset }: StateBatch): boolean {
  return firstOffset >= 0 && firstOffset <= lastOffset;
}

/** Larger: the one that counts. 0: the same state. */
function compareDelivery(a: StateBatch, b: StateBatch): number {
  return a.deliveryCount - b.deliveryCount || a.deliveryState - b.deliveryState;
}

function compare(a: StateBatch, b: StateBatch): number {
  return a.firstOffset - b.firstOffset || a.lastOffset - b.lastOffset || compareDelivery(a, b);
}

function merge(batches: StateBatch[]): StateBatch[] {
  // The first one last: what is taken and put back changes the end of the array only.
  const rest = batches.sort((a, b) => compare(b, a)).filter((batch, at, all) => !isSame(all[at - 1], batch));
  const done: StateBatch[] = [];
  let previous = rest.pop();
  while (previous !== undefined) {
    const next: StateBatch | undefined = rest.at(-1);
    if (next !== undefined && isMergeable(previous, next)) {
      rest.pop();
      for (const piece of overlay(previous, next)) insert(rest, piece);
    } else {
      done.push(previous);
    }
    previous = rest.pop();
  }
  return done;
}

function isSame(a: StateBatch | undefined, b: StateBatch): boolean {
  return a !== undefined && compare(a, b) === 0;
}

function isMergeable(previous: StateBatch, next: StateBatch): boolean {
  if (next.firstOffset <= previous.lastOffset) return true;
  return previous.lastOffset + 1 === next.firstOffset && compareDelivery(previous, next) === 0;
}

/** `next` does not begin before `previous`, and overlaps it or goes on in the same state. */
function overlay(previous: StateBatch, next: StateBatch): StateBatch[] {
  const order = compareDelivery(next, previous);
  const lastOffset = Math.max(previous.lastOffset, next.lastOffset);
  if (order === 0) return [{ ...previous, lastOffset }];
  const pieces: StateBatch[] = [];
  if (order < 0) {
    pieces.push(previous);
    if (next.lastOffset > previous.lastOffset) pieces.push({ ...next, firstOffset: previous.lastOffset + 1 });
    return pieces;
  }
  if (next.firstOffset > previous.firstOffset) pieces.push({ ...previous, lastOffset: next.firstOffset - 1 });
  pieces.push(next);
  if (previous.lastOffset > next.lastOffset) pieces.push({ ...previous, firstOffset: next.lastOffset + 1 });
  return pieces;
}

function insert(rest: StateBatch[], batch: StateBatch): void {
  let at = rest.length;
  while (at > 0 && compare(rest[at - 1], batch) < 0) at--;
  if (at > 0 && compare(rest[at - 1], batch) === 0) return;
  rest.splice(at, 0, batch);
}
