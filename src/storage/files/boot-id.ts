/**
 * Tells a process crash (the page cache survived) from a reboot: the kernel's boot id is stored beside the logs while
 * a broker uses them. `.millrace-boot` is a plain dot file in the log dir's root, which Kafka ignores.
 */
import { join } from 'node:path';
import { writeAtomically } from './atomic-file.js';
import { type FileOps, systemFiles } from './file-ops.js';

export const BOOT_FILE = '.millrace-boot';
const KERNEL_BOOT_ID = '/proc/sys/kernel/random/boot_id';
const BOOT_ID = /^[0-9a-f-]{36}$/;

/** The kernel's id of this boot, or null where there is none (then every crash counts as a power cut). */
export function currentBootId(files: FileOps = systemFiles): string | null {
  const text = textOf(files.read(KERNEL_BOOT_ID));
  return BOOT_ID.test(text) ? text : null;
}

/** True when the directory was last written during this boot. */
export function isSameBoot(logDirectory: string, files: FileOps = systemFiles): boolean {
  const current = currentBootId(files);
  return current !== null && textOf(files.read(join(logDirectory, BOOT_FILE))) === current;
}

/**
 * Called after recovery, before the first write of this process: until then a second crash must be judged by the boot
 * the *unrecovered* bytes were written in.
 */
export function storeBootId(logDirectory: string, files: FileOps = systemFiles): void {
  const current = currentBootId(files);
  if (current === null) files.remove(join(logDirectory, BOOT_FILE));
  else writeAtomically(join(logDirectory, BOOT_FILE), new TextEncoder().encode(`${current}\n`), files);
}

function textOf(bytes: Uint8Array | null): string {
  return bytes === null ? '' : new TextDecoder().decode(bytes.subarray(0, 256)).trim();
}
