import { join } from 'node:path';
import type { BrokerInfo } from '../broker/broker.js';
import { packageRoot } from './version.js';

/** What a person needs to know after a start: a few lines of at most 100 columns. */
export function banner(info: BrokerInfo, version: string): string {
  const rows: [string, string][] = [
    ['clients', info.listeners.map(({ host, port }) => `${host}:${port}`).join(', ')],
    ['data', info.logDirs.join(', ')],
    ['cluster', `${info.clusterId}, node ${info.nodeId}`],
    ['engine', engineText(info)],
    ['durability', info.durability],
    ['docs', join(packageRoot(), 'README.md')],
  ];
  const lines = rows.map(([name, value]) => `  ${name.padEnd(11)}${value}`);
  return `Millrace ${version} is ready\n${lines.join('\n')}\n`;
}

function engineText(info: BrokerInfo): string {
  if (info.engine === 'native') return 'native (mmap and pwrite appends, sendfile fetches)';
  return `portable: ${info.engineReason ?? 'chosen by configuration'}; costs several times the CPU of the native one`;
}
