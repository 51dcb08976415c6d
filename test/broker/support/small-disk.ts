/** A file system of a few MiB that a test can fill: tmpfs, which needs root to mount. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MIB = 1024 * 1024;
const INODES = 4_096;

export interface SmallDisk {
  readonly path: string;
  /** Takes all space but `leaveBytes` with a ballast file. */
  fill(leaveBytes?: number): void;
  /** Removes the ballast. */
  free(): void;
  freeBytes(): number;
  remove(): void;
}

let mountable: boolean | undefined;

/** Whether this process may mount; tried once. */
export function canMount(): boolean {
  if (mountable === undefined) {
    const path = mkdtempSync(join(tmpdir(), 'millrace-mount-'));
    mountable = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', path]).status === 0;
    if (mountable) spawnSync('umount', [path]);
    rmSync(path, { recursive: true, force: true });
  }
  return mountable;
}

export function smallDisk(mebibytes: number): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), 'millrace-small-disk-'));
  const options = `size=${mebibytes}m,nr_inodes=${INODES}`;
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path], { encoding: 'utf8' });
  if (mounted.status !== 0) throw new Error(`cannot mount a tmpfs: ${mounted.stderr}`);
  const ballast = join(path, 'ballast');
  const freeBytes = (): number => {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  };
  return {
    path,
    freeBytes,
    fill: (leaveBytes = 0) => {
      for (let piece = Math.min(MIB, freeBytes() - leaveBytes); piece > 0; ) {
        writeFileSync(ballast, new Uint8Array(piece), { flag: 'a' });
        piece = Math.min(MIB, freeBytes() - leaveBytes);
      }
    },
    free: () => rmSync(ballast, { force: true }),
    remove: () => {
      spawnSync('umount', ['-l', path]);
      rmSync(path, { recursive: true, force: true });
    },
  };
}
