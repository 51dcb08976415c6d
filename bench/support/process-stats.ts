import { readFileSync } from 'node:fs';

/** Clock ticks a second of /proc/PID/stat; 100 on every Linux that Node supports. */
const TICKS_PER_SECOND = 100;

export interface ProcessStats {
  /** User and system time of all threads, s. */
  cpuSeconds: number;
  /** Memory that is the process's own (not page cache), MiB. */
  anonymousMiB: number;
  threads: number;
  /** Voluntary and involuntary context switches of all threads. */
  switches: number;
}

function field(text: string, name: string): number {
  const match = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text);
  return match === null ? 0 : Number(match[1]);
}

function switchesOf(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return field(status, 'voluntary_ctxt_switches') + field(status, 'nonvoluntary_ctxt_switches');
  } catch {
    return 0;
  }
}

/** Reads /proc; throws when the process is gone. */
export function processStats(pid: number, threadIds: readonly string[]): ProcessStats {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return {
    cpuSeconds: ticks / TICKS_PER_SECOND,
    anonymousMiB: field(status, 'RssAnon') / 1024,
    threads: field(status, 'Threads'),
    switches: threadIds.reduce((sum, id) => sum + switchesOf(Number(id)), 0),
  };
}
