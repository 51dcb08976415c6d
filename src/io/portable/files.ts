/**
 * Plain file access of the portable engine: whole writes, reads up to the end of the file, reference-counted
 * descriptors. System errors get the path that Node leaves out of descriptor calls.
 */
import {
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { assert } from '../../base/assert.js';
import { systemCode } from '../../base/errors.js';

export type OpenMode = 'read' | 'write' | 'create';
const FLAGS: Record<OpenMode, number> = {
  read: constants.O_RDONLY,
  write: constants.O_RDWR,
  create: constants.O_RDWR | constants.O_CREAT | constants.O_EXCL,
};

/** Runs a descriptor call; a system error leaves with `path` set. */
function named<T>(path: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof Error && !('path' in error)) Object.assign(error, { path });
    throw error;
  }
}

/** An open file that lives until its last holder lets go, whatever happens to its name. */
export class SharedFile {
  private holders = 1;
  readonly inode: number;
  readonly device: number;

  constructor(
    readonly path: string,
    private readonly fd: number,
  ) {
    const status = fstatSync(fd);
    this.inode = status.ino;
    this.device = status.dev;
  }

  static open(path: string, mode: OpenMode): SharedFile {
    return new SharedFile(path, openSync(path, FLAGS[mode], 0o644));
  }

  retain(): this {
    this.holders++;
    return this;
  }

  release(): void {
    assert(this.holders > 0, 'file released too often');
    if (--this.holders === 0) closeSync(this.fd);
  }

  /** Somebody else in this process, in any thread, can still read this very file. */
  get shared(): boolean {
    return this.holders > 1 || descriptorsOf(this.device, this.inode) > 1;
  }

  /** Reads up to the end of the file; returns how many bytes came. */
  read(target: Uint8Array, from: number, length: number, position: number): number {
    return named(this.path, () => {
      let done = 0;
      while (done < length) {
        const count = readSync(this.fd, target, from + done, length - done, position + done);
        if (count === 0) break;
        done += count;
      }
      return done;
    });
  }

  write(source: Uint8Array, from: number, length: number, position: number): void {
    named(this.path, () => {
      let done = 0;
      while (done < length) done += writeSync(this.fd, source, from + done, length - done, position + done);
    });
  }

  size(): number {
    return fstatSync(this.fd).size;
  }

  modifiedMs(): number {
    return fstatSync(this.fd).mtimeMs;
  }

  setSize(bytes: number): void {
    named(this.path, () => ftruncateSync(this.fd, bytes));
  }

  sync(): void {
    named(this.path, () => fdatasyncSync(this.fd));
  }
}

/** Open descriptors of this process that name the file; Infinity when /proc cannot tell. */
export function descriptorsOf(device: number, inode: number): number {
  let names: string[];
  try {
    names = readdirSync('/proc/self/fd');
  } catch {
    return Number.POSITIVE_INFINITY; // no proof, so "shared" is the safe answer
  }
  let count = 0;
  for (const name of names) {
    try {
      const status = fstatSync(Number(name));
      if (status.ino === inode && status.dev === device) count++;
    } catch (error) {
      if (systemCode(error) !== 'EBADF') throw error; // closed between the listing and here
    }
  }
  return count;
}

/** Renames; returns false when there is no such file. */
export function renameIfExists(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}

export function unlinkIfExists(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}

/** Makes the names in a directory durable. */
export function syncDirectory(path: string): void {
  const fd = openSync(path, constants.O_RDONLY);
  try {
    named(path, () => fsyncSync(fd));
  } finally {
    closeSync(fd);
  }
}
