/**
 * The few file-system calls that the small files of a log directory need, behind one interface so that tests can
 * replay every power cut between two calls. All are synchronous: nothing here runs on a hot path. Errors are Node's
 * (`code`, `path`, `syscall`).
 */
import {
  closeSync,
  constants,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { systemCode } from '../../base/errors.js';

export interface FileOps {
  /** Bytes of a file; null when it does not exist. */
  read(path: string): Uint8Array | null;
  /** Up to `length` bytes from `position`. */
  readAt(path: string, position: number, length: number): Uint8Array;
  /** Creates or replaces the content; not durable until `sync`. */
  write(path: string, bytes: Uint8Array): void;
  append(path: string, bytes: Uint8Array): void;
  /** fsync of a file's content and length. */
  sync(path: string): void;
  /** fsync of a directory: makes creations, renames and removals in it durable. */
  syncDirectory(path: string): void;
  rename(from: string, to: string): void;
  /** No error when it is not there. */
  remove(path: string): void;
  removeTree(path: string): void;
  truncate(path: string, length: number): void;
  makeDirectory(path: string): void;
  /** null = does not exist. */
  stat(path: string): { sizeBytes: number; modifiedMs: number; isDirectory: boolean; inode: number } | null;
  list(path: string): string[];
}

function withFile<T>(path: string, flags: string | number, use: (fd: number) => T): T {
  const fd = openSync(path, flags, 0o644);
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}

function writeFully(fd: number, bytes: Uint8Array): void {
  let done = 0;
  while (done < bytes.length) done += writeSync(fd, bytes, done, bytes.length - done);
}

export const systemFiles: FileOps = {
  read(path) {
    try {
      return readFileSync(path);
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return null;
      throw error;
    }
  },
  readAt(path, position, length) {
    const target = new Uint8Array(length);
    const count = withFile(path, 'r', (fd) => {
      let done = 0;
      while (done < length) {
        const got = readSync(fd, target, done, length - done, position + done);
        if (got === 0) break;
        done += got;
      }
      return done;
    });
    return target.subarray(0, count);
  },
  write: (path, bytes) => withFile(path, 'w', (fd) => writeFully(fd, bytes)),
  append: (path, bytes) => withFile(path, 'a', (fd) => writeFully(fd, bytes)),
  sync: (path) => withFile(path, 'r+', fsyncSync),
  syncDirectory: (path) => withFile(path, constants.O_RDONLY | constants.O_DIRECTORY, fsyncSync),
  rename: renameSync,
  remove(path) {
    try {
      unlinkSync(path);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
    }
  },
  removeTree: (path) => rmSync(path, { recursive: true, force: true }),
  truncate: (path, length) => withFile(path, 'r+', (fd) => ftruncateSync(fd, length)),
  makeDirectory(path) {
    mkdirSync(path, { recursive: true });
  },
  stat(path) {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) return null;
    return {
      sizeBytes: found.size,
      modifiedMs: Math.trunc(found.mtimeMs),
      isDirectory: found.isDirectory(),
      inode: found.ino,
    };
  },
  list: (path) => readdirSync(path),
};
