import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second of /proc/PID/stat; 100 on every Linux that Node supports. */
const TICKS_PER_SECOND = 100;

export interface ProcessStats {
  /** User and system time of all threads, s. */
  cpuSeconds: number;
  /** Memory that is the process's own (not page cache), MiB. */
  anonymousMiB: number;
  threads: number;
  /** Voluntary and involuntary context switches of the threads that live. */
  switches: number;
  descriptors: number;
  /** Mappings of the address space. */
  maps: number;
}

function field(text: string, name: string): number {
  const match = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text);
  return match === null ? 0 : Number(match[1]);
}

function switchesOf(pid: number, thread: string): number {
  try {
    const status = readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8');
    return field(status, 'voluntary_ctxt_switches') + field(status, 'nonvoluntary_ctxt_switches');
  } catch {
    return 0; // ended meanwhile
  }
}

/** Reads /proc; throws when the process is gone. */
export function processStats(pid: number): ProcessStats {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const threads = readdirSync(`/proc/${pid}/task`);
  return {
    cpuSeconds: ticks / TICKS_PER_SECOND,
    anonymousMiB: field(status, 'RssAnon') / 1024,
    threads: threads.length,
    switches: threads.reduce((sum, thread) => sum + switchesOf(pid, thread), 0),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    maps: readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n').length - 1,
  };
}
