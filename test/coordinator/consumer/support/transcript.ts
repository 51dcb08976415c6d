/** What was answered, without what differs from run to run; and the records that were written. */
import type { GroupRecord } from '../../../../src/coordinator/group/records/group-record.js';
import { type Api, apis } from '../../../../src/protocol/index.js';
import type { ApiName } from './scenario.js';

const KEYS: Record<ApiName, number> = {
  heartbeat: 68,
  describe: 69,
  list: 16,
  delete: 42,
  commit: 8,
  fetch: 9,
  join: 11,
  sync: 14,
  classicHeartbeat: 12,
  leave: 13,
  describeClassic: 15,
};

export function apiFor(name: ApiName): Api {
  const api = apis.find(({ request }) => request.key === KEYS[name]);
  if (api === undefined) throw new Error(`no API ${name}`);
  return api;
}

export interface TranscriptEntry {
  readonly step: string;
  readonly response: unknown;
}

/** Differ from run to run, or say nothing. */
const LEFT_OUT = new Set([
  'throttleTimeMs',
  'assignmentTimestamp',
  'timestamp',
  'version',
  'commitTimestamp',
  'currentStateTimestamp',
  'clientId',
  'clientHost',
]);

export class Translation {
  private readonly memberIds = new Map<string, string>();

  /** `topicIds`: id by name. `names`: those of member ids that are known already, by id. */
  constructor(
    private readonly topicIds: ReadonlyMap<string, string>,
    names: Readonly<Record<string, string>> = {},
  ) {
    for (const [id, name] of Object.entries(names)) this.memberIds.set(id, name);
  }

  get names(): Record<string, string> {
    return Object.fromEntries(this.memberIds);
  }

  /** An answer to a step that saves its member id under a name. */
  note(name: string | undefined, response: unknown): void {
    if (name === undefined || typeof response !== 'object' || response === null) return;
    if ('memberId' in response && response.memberId !== '')
      this.memberIds.set(String(response.memberId), name);
  }

  /** The request with `#topic` and `$member` replaced. */
  resolve(value: unknown): unknown {
    if (typeof value === 'string' && value.startsWith('#')) return this.topicIds.get(value.slice(1));
    if (typeof value === 'string' && value.startsWith('$')) {
      for (const [id, name] of this.memberIds) if (name === value.slice(1)) return id;
      return value;
    }
    return mapValues(value, (inner) => this.resolve(inner));
  }

  normalize(value: unknown): unknown {
    if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
    if (typeof value === 'bigint') return String(value);
    if (typeof value === 'string') return this.name(value);
    const mapped = mapValues(value, (inner) => this.normalize(inner));
    if (!Array.isArray(mapped)) return mapped;
    return mapped.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }

  /** Partitions and their epochs are one list: the order of a hash map says nothing. */
  record(record: GroupRecord): unknown {
    return this.normalize(JSON.parse(JSON.stringify(record, pairUp)));
  }

  private name(value: string): string {
    const member = this.memberIds.get(value);
    if (member !== undefined) return `$${member}`;
    for (const [name, id] of this.topicIds) if (value === id) return `#${name}`;
    return /^[\w-]{22,24}$/.test(value) ? '<uuid>' : value;
  }
}

function pairUp(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (typeof value !== 'object' || value === null || !('assignmentEpochs' in value)) return value;
  const { topicId, partitions, assignmentEpochs } = value as {
    topicId: string;
    partitions: number[];
    assignmentEpochs: number[] | null;
  };
  return { topicId, partitions: partitions.map((partition, i) => `${partition}@${assignmentEpochs?.[i]}`) };
}

function mapValues(value: unknown, convert: (inner: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map(convert);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !LEFT_OUT.has(key))
      .map(([key, inner]) => [key, convert(inner)]),
  );
}
