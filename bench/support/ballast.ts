/**
 * Fills free memory with clean page cache before a measurement. In a virtual machine a page that the guest touches for the
 * first time costs a fault in the host (measured here: up to 3 CPU-s/GB, charged to whoever touches it), which would
 * drown what an append costs. Pages of the page cache are recycled instead; that is also how a broker lives after its first
 * minutes. The file is sparse: nothing is written to the disk. Affects all sides alike.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, readSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WORK } from './brokers.js';

const MIB = 1024 * 1024;
/** Left free so that filling does not press on anybody. */
const LEFT_FREE_BYTES = 512 * MIB;

function freeBytes(): number {
  const match = /^MemFree:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'));
  return match === null ? 0 : Number(match[1]) * 1024;
}

/** Returns the bytes that were read in. */
export function fillFreeMemory(): number {
  const missing = freeBytes() - LEFT_FREE_BYTES;
  if (missing <= 0) return 0;
  const path = join(WORK, 'ballast');
  writeFileSync(path, '', { flag: 'a' });
  // What is cached of the file already stays; reading on behind it takes what is free now.
  const from = statSync(path).size;
  truncateSync(path, from + missing);
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(MIB);
    for (let at = from; at < from + missing; at += MIB) readSync(file, buffer, 0, MIB, at);
  } finally {
    closeSync(file);
  }
  return missing;
}

/** Before a measurement: what earlier ones left to be written is written, and free memory is filled. */
export function settle(): void {
  execFileSync('sync');
  fillFreeMemory();
}
