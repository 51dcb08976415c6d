/**
 * Flushes sealed segments from the main thread's I/O pool, so that a roll does not hold up the worker that appends. The
 * first failure is final for the log: what reached the disk is unknown and no flush is tried again.
 */
import { open, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  LEADER_EPOCH_FILE,
  LogSuffix,
  PARTITION_METADATA_FILE,
  parseSegmentFileName,
} from '../storage/files/file-names.js';

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** Files of segments that hold offsets in [fromOffset, upTo), `.log` files last of each. */
function filesBetween(names: readonly string[], fromOffset: number, upTo: number): string[] {
  const files = names.flatMap((name) => {
    const parsed = parseSegmentFileName(name);
    return parsed?.state === '' ? [{ name, base: parsed.offset, kind: parsed.kind }] : [];
  });
  const bases = files.filter(({ kind }) => kind === LogSuffix.log).map(({ base }) => base);
  const first = Math.max(0, ...bases.filter((base) => base <= fromOffset));
  return files
    .filter(
      ({ base, kind }) => base >= first && (base < upTo || (base === upTo && kind === LogSuffix.snapshot)),
    )
    .map(({ name }) => name);
}

/** Makes offsets [fromOffset, upTo) of the log in `directory` durable, names included. */
export async function flushSegments(directory: string, fromOffset: number, upTo: number): Promise<void> {
  // The small files may never have been synced: a new partition is not (storage/log-directory.ts).
  const names = [
    PARTITION_METADATA_FILE,
    LEADER_EPOCH_FILE,
    ...filesBetween(await readdir(directory), fromOffset, upTo),
  ];
  for (const name of names) {
    await syncFile(join(directory, name)).catch((error: unknown) => {
      // Retention may have taken the segment meanwhile: what is deleted need not be durable (KAFKA-19571).
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    });
  }
  await syncFile(directory);
  await syncFile(dirname(directory));
}
