/**
 * `.kafka_cleanshutdown`: every log of this directory was flushed, trimmed and checkpointed. Holds the broker epoch
 * (KIP-966). It must be gone before the first log is loaded: a crash *while* loading must not leave it behind
 * (KAFKA-10471).
 */
import { join } from 'node:path';
import { removeDurably, writeAtomically } from './atomic-file.js';
import { CLEAN_SHUTDOWN_FILE } from './file-names.js';
import { type FileOps, systemFiles } from './file-ops.js';

/** Reads and durably removes the marker. null = unclean; brokerEpoch -1 = written by an older version. */
export function takeCleanShutdown(
  logDirectory: string,
  files: FileOps = systemFiles,
): { brokerEpoch: number } | null {
  const path = join(logDirectory, CLEAN_SHUTDOWN_FILE);
  const bytes = files.read(path);
  if (bytes === null) return null;
  removeDurably(path, files);
  return { brokerEpoch: brokerEpochOf(bytes) };
}

function brokerEpochOf(bytes: Uint8Array): number {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(bytes.subarray(0, 1024)));
    if (typeof parsed === 'object' && parsed !== null && 'brokerEpoch' in parsed) {
      const epoch = parsed.brokerEpoch;
      if (typeof epoch === 'number' && Number.isSafeInteger(epoch)) return epoch;
    }
  } catch {
    // Versions before KIP-966 left it empty; the marker counts, the epoch is unknown.
  }
  return -1;
}

export function writeCleanShutdown(
  logDirectory: string,
  brokerEpoch: number,
  files: FileOps = systemFiles,
): void {
  const text = JSON.stringify({ version: 0, brokerEpoch });
  writeAtomically(join(logDirectory, CLEAN_SHUTDOWN_FILE), new TextEncoder().encode(text), files);
}
