/** Puts files out of the page cache, so that the next read comes from the disk. */
import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Data files of one partition's folder that hold something. */
export function logFiles(directory: string, partition: string): string[] {
  const folder = join(directory, 'data', partition);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.log') && statSync(join(folder, name)).size > 0)
    .map((name) => join(folder, name));
}

/** Written back first: dirty pages cannot be dropped. `dd` with no blocks only gives the advice (POSIX_FADV_DONTNEED). */
export function evict(paths: readonly string[]): void {
  for (const path of paths) {
    execFileSync('sync', [path]);
    execFileSync('dd', [`if=${path}`, 'iflag=nocache', 'count=0', 'status=none']);
  }
}
