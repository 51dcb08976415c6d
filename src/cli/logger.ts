import { pino } from 'pino';
import type { Report } from '../base/report.js';

/** Log lines go to stderr: `text` for people, `json` for machines (one object a line). */
export type LogFormat = 'text' | 'json';

const LEVEL_NAMES: Record<number, string> = { 20: 'DEBUG', 30: 'INFO', 40: 'WARN', 50: 'ERROR', 60: 'FATAL' };
const HIDDEN = new Set(['level', 'time', 'msg', 'pid', 'hostname']);

/** One JSON line of pino as `[time] LEVEL message (field=value, …)`. */
export function formatLine(line: string): string {
  const entry: unknown = JSON.parse(line);
  if (typeof entry !== 'object' || entry === null) return line;
  const fields = new Map<string, unknown>(Object.entries(entry));
  const time = new Date(Number(fields.get('time'))).toISOString().replace('T', ' ').replace('Z', '');
  const rest = [...fields]
    .filter(([key]) => !HIDDEN.has(key))
    .map(([key, value]) => `${key}=${String(value)}`);
  const tail = rest.length > 0 ? ` (${rest.join(', ')})` : '';
  return `[${time}] ${LEVEL_NAMES[Number(fields.get('level'))] ?? 'INFO'} ${String(fields.get('msg'))}${tail}\n`;
}

export function createReport(format: LogFormat, level: string): Report {
  const destination = {
    write: (line: string): void => {
      process.stderr.write(format === 'json' ? line : formatLine(line));
    },
  };
  const logger = pino({ level, base: null }, destination);
  return (reportLevel, message, fields = {}) => logger[reportLevel](fields, message);
}
