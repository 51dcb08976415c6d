/**
 * Replacing a small file so that a crash or power cut leaves the old or the new content, never a mixture: temp file,
 * fsync, rename, fsync of the directory. Kafka left out the fsync for the leader-epoch file once (KAFKA-15046,
 * KAFKA-16541): a power cut then left it corrupt.
 */
import { dirname } from 'node:path';
import { type FileOps, systemFiles } from './file-ops.js';

/** Throws Node's error of the first failing call; the old content is then still in place. */
export function writeAtomically(path: string, bytes: Uint8Array, files: FileOps = systemFiles): void {
  const temporary = `${path}.tmp`;
  files.write(temporary, bytes);
  files.sync(temporary);
  renameDurably(temporary, path, files);
}

/**
 * For a file that holds nothing yet that a power cut could take: a crash of the process leaves the whole file or none; a
 * power cut may leave none or an empty one. The caller makes it durable before anything relies on it.
 */
export function writeWhole(path: string, bytes: Uint8Array, files: FileOps = systemFiles): void {
  const temporary = `${path}.tmp`;
  files.write(temporary, bytes);
  files.rename(temporary, path);
}

/** rename + fsync of the directory (both, when they differ). */
export function renameDurably(from: string, to: string, files: FileOps = systemFiles): void {
  files.rename(from, to);
  files.syncDirectory(dirname(to));
  if (dirname(from) !== dirname(to)) files.syncDirectory(dirname(from));
}

export function removeDurably(path: string, files: FileOps = systemFiles): void {
  files.remove(path);
  files.syncDirectory(dirname(path));
}
