/** Segment files that the real Kafka wrote (test/golden/segments/README.md). */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { BatchShape, BatchView } from '../../src/record/batch-view.js';

export const GOLDEN = resolve(import.meta.dirname, '../golden/segments');

/** Names of all partition directories. */
export function goldenPartitions(): string[] {
  return readdirSync(GOLDEN, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** Paths of the files of a partition, or of all, with a suffix. */
export function goldenFiles(suffix: string, partition?: string): string[] {
  const partitions = partition === undefined ? goldenPartitions() : [partition];
  return partitions.flatMap((name) =>
    readdirSync(join(GOLDEN, name))
      .filter((file) => file.endsWith(suffix))
      .sort()
      .map((file) => join(GOLDEN, name, file)),
  );
}

/** Calls `visit` for each batch of a segment; throws when the file is not a whole number of batches. */
export function forEachBatch(path: string, visit: (view: BatchView) => void): void {
  const bytes = readFileSync(path);
  const view = new BatchView();
  for (let at = 0; at < bytes.length; at = view.nextPosition) {
    const shape = view.set(bytes, at);
    if (shape !== BatchShape.complete) throw new Error(`${path} at ${at}: shape ${shape}`);
    visit(view);
  }
}
