/** What was answered when, without what differs from run to run. */
import { type Api, apis } from '../../../src/protocol/index.js';
import type { ApiName } from './scenario.js';

const KEYS: Record<ApiName, number> = {
  join: 11,
  sync: 14,
  heartbeat: 12,
  leave: 13,
  commit: 8,
  fetch: 9,
  offsetDelete: 47,
  describe: 15,
  list: 16,
  delete: 42,
};

export function apiFor(name: ApiName): Api {
  const api = apis.find(({ request }) => request.key === KEYS[name]);
  if (api === undefined) throw new Error(`no API ${name}`);
  return api;
}

/** Answers that arrived after a step: the number of the step that asked, and the answer. */
export interface TranscriptEntry {
  readonly step: string;
  readonly answers: { readonly of: number; readonly response: unknown }[];
}

/** Member ids by the names of the scenario. */
export class Names {
  private readonly ids = new Map<string, string>();

  /** An answer to a step that saves its member id under a name. */
  note(name: string | undefined, response: unknown): void {
    if (name === undefined || typeof response !== 'object' || response === null) return;
    if ('memberId' in response && response.memberId !== '') this.ids.set(name, String(response.memberId));
  }

  /** The request with `$name` replaced. */
  resolve(value: unknown): unknown {
    if (typeof value === 'string' && value.startsWith('$')) return this.ids.get(value.slice(1)) ?? value;
    return mapValues(value, (inner) => this.resolve(inner));
  }

  /** The answer with ids replaced by names, bytes by hexadecimal digits, lists in an order that does not depend on hashing. */
  normalize(value: unknown): unknown {
    if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
    if (typeof value === 'string') {
      for (const [name, id] of this.ids) if (value === id) return `$${name}`;
      return value;
    }
    const mapped = mapValues(value, (inner) => this.normalize(inner));
    if (!Array.isArray(mapped)) return mapped;
    // The entries of a transcript stay in their order.
    if (mapped.some((element) => typeof element === 'object' && element !== null && 'step' in element))
      return mapped;
    return mapped.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
}

function mapValues(value: unknown, convert: (inner: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map(convert);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'throttleTimeMs' && key !== 'topicId')
      .map(([key, inner]) => [key, convert(inner)]),
  );
}
