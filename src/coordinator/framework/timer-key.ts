/**
 * Names of timers. A shard has one flat set of keys; a key is a kind and parts (group id, member id) that may hold any
 * character:
 *
 *   kind : length of part 1 : part 1 : length of part 2 : part 2 …
 */
import { AssertionError } from '../../base/assert.js';

export function timerKey(kind: string, ...parts: readonly string[]): string {
  let key = kind;
  for (const part of parts) key += `:${part.length}:${part}`;
  return key;
}

export interface TimerName {
  readonly kind: string;
  readonly parts: readonly string[];
}

export function parseTimerKey(key: string): TimerName {
  const first = key.indexOf(':');
  if (first < 0) return { kind: key, parts: [] };
  const parts: string[] = [];
  let at = first;
  while (at < key.length) {
    const colon = key.indexOf(':', at + 1);
    const length = Number(key.slice(at + 1, colon));
    if (key[at] !== ':' || colon < 0 || !Number.isInteger(length))
      throw new AssertionError(`timer key ${key}`);
    parts.push(key.slice(colon + 1, colon + 1 + length));
    at = colon + 1 + length;
  }
  return { kind: key.slice(0, first), parts };
}
