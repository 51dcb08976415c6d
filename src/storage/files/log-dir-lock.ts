/**
 * One broker per log directory. Kafka holds an fcntl lock on `.lock`, which Node cannot take, so the lock is an
 * abstract unix socket named after the directory's device and inode: binding is atomic, and the kernel lets go of it
 * when the process ends, however it ends (kill -9 leaves nothing stale to judge). `.lock` keeps Kafka's name and holds
 * our process id for people. A running Kafka is seen through its lock in /proc/locks; Kafka does not see ours.
 * Limits: processes in different network namespaces on one directory do not see each other's socket; for them the
 * process id in `.lock` is checked, which works when they share a pid namespace.
 */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { OperationError } from '../../base/errors.js';
import { LOCK_FILE } from './file-names.js';

export interface DirectoryLock {
  release(): void;
}

/** Throws OperationError('DIRECTORY_LOCKED') when another broker has the directory, this process included. */
export function lockDirectory(logDirectory: string): DirectoryLock {
  const path = join(logDirectory, LOCK_FILE);
  touch(path);
  const kafka = fcntlOwner(path);
  if (kafka !== null) throw locked(logDirectory, kafka);
  const { dev, ino } = statSync(logDirectory);
  const server = createServer((socket) => socket.destroy());
  server.on('error', () => {}); // bound or not is told by `listening`, at once
  server.unref();
  server.listen({ path: `\0millrace-log-dir-${dev}-${ino}` });
  if (!server.listening) throw locked(logDirectory, ownerOf(path));
  const other = liveOwnerOutside(path);
  if (other !== null) {
    server.close();
    throw locked(logDirectory, other);
  }
  writeFileSync(path, ownText());
  return {
    release() {
      if (!server.listening) return;
      writeFileSync(path, '');
      server.close();
    },
  };
}

function touch(path: string): void {
  if (!existsSync(path)) writeFileSync(path, '', { flag: 'a' });
}

function locked(directory: string, owner: number | null): OperationError {
  const who = owner === null ? 'another process' : `process ${owner}`;
  return new OperationError(
    'DIRECTORY_LOCKED',
    `Log directory ${directory} is in use by ${who}. Stop it, or give this broker another log.dirs.`,
  );
}

/** `<pid> <start time of the process in clock ticks since boot>` */
function ownText(): string {
  return `${process.pid} ${startTicks(process.pid) ?? 0}\n`;
}

function ownerOf(path: string): number | null {
  const pid = Number(readFileSync(path, 'latin1').split(' ')[0]);
  return Number.isSafeInteger(pid) && pid > 0 ? pid : null;
}

/** A process that wrote its id and still runs although its socket cannot be seen from here. */
function liveOwnerOutside(path: string): number | null {
  const [pid = 0, ticks = 0] = readFileSync(path, 'latin1').trim().split(' ').map(Number);
  if (!Number.isSafeInteger(pid) || pid <= 0 || pid === process.pid) return null;
  return startTicks(pid) === ticks && networkNamespace(pid) !== networkNamespace(process.pid) ? pid : null;
}

function startTicks(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  } catch {
    return null; // not running, or not visible from here
  }
}

function networkNamespace(pid: number): number | null {
  try {
    return statSync(`/proc/${pid}/ns/net`).ino;
  } catch {
    return null; // somebody else's process: its namespace is unknown, so it counts as another one
  }
}

/** Process with an fcntl lock on the file (a Kafka broker); null = none that can be seen. */
function fcntlOwner(path: string): number | null {
  let table: string;
  try {
    table = readFileSync('/proc/locks', 'latin1');
  } catch {
    return null; // not readable here; the socket still keeps our own kind apart
  }
  const { dev, ino } = statSync(path);
  const major = (dev >>> 8) & 0xfff;
  const minor = (dev & 0xff) | ((dev >>> 12) & 0xfff00);
  const hex = (value: number): string => value.toString(16).padStart(2, '0');
  const file = `${hex(major)}:${hex(minor)}:${ino}`;
  for (const line of table.split('\n')) {
    const fields = line.trim().split(/\s+/);
    if (fields[1] === 'POSIX' && fields[5] === file && Number(fields[4]) !== process.pid)
      return Number(fields[4]);
  }
  return null;
}
