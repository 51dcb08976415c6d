/** Replaces what two brokers cannot have in common (ids, ports, directories, the time) by names. */
import { recordsBytes, ZERO_UUID } from '../../../src/wire/index.js';
import { describeRecords } from './describe-records.js';
import type { World } from './step.js';

/** A time this close to now was taken from the broker's clock. */
const NOW_MS = 600_000;
const UUID = /^[A-Za-z0-9_-]{22}$/;
/** As java.util.UUID prints it: the end of a member id. */
const JAVA_UUID = /\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g;
/** Fields whose value is the broker's own business, when it is positive. */
const COUNTERS: ReadonlyMap<string, string> = new Map([
  ['sessionId', '<session>'],
  ['totalBytes', '<bytes>'],
  ['usableBytes', '<bytes>'],
  ['finalizedFeaturesEpoch', '<metadata offset>'],
  ['logEndOffset', '<metadata offset>'],
]);
/** Arrays that Kafka fills in the order of a hash map, and the field that says what an element is about. */
const IDENTITY = [
  'apiKey',
  'entity',
  'entityType',
  'resourceType',
  'name',
  'topic',
  'topicName',
  'resourceName',
  'index',
  'partitionIndex',
  'partition',
  'nodeId',
  'key',
  'logDir',
  'groupId',
  'topicId',
];

export function normalise(value: unknown, world: World, ordered: boolean): unknown {
  return new Normaliser(world, ordered).value(value, '');
}

class Normaliser {
  constructor(
    private readonly world: World,
    private readonly ordered: boolean,
  ) {}

  value(value: unknown, field: string): unknown {
    if (value === null || value === undefined) return value;
    if (field === 'records' && isView(value))
      return this.value(describeRecords(recordsBytes(value)), 'batches');
    if (Array.isArray(value)) return this.array(value, field);
    if (typeof value === 'object') {
      return Object.fromEntries(
        Object.entries(value).map(([name, inner]) => [name, this.value(inner, name)]),
      );
    }
    if (typeof value === 'string') return this.text(value, field);
    if (typeof value === 'bigint') return this.producer(value, field);
    if (typeof value === 'number') return this.number(value, field);
    return value;
  }

  private array(values: readonly unknown[], field: string): unknown[] {
    const normal = values.map((each) => this.value(each, field));
    if (this.ordered) return normal;
    return normal.sort((a, b) => compareText(identity(a), identity(b)));
  }

  private number(value: number, field: string): unknown {
    if (field === 'port' && value === this.world.port) return '<port>';
    if (field === 'port' && value === this.world.port + 1) return '<controller port>';
    const counter = COUNTERS.get(field);
    if (counter !== undefined && value > 0) return counter;
    return Math.abs(value - this.world.now) < NOW_MS ? '<now>' : value;
  }

  private producer(value: bigint, field: string): unknown {
    if (!field.toLowerCase().includes('producerid')) return value;
    const index = this.world.producers.findIndex((producer) => producer.id === value);
    return index < 0 ? value : `<producer ${index}>`;
  }

  private text(value: string, field: string): string {
    if (field === 'clusterId' && value === this.world.clusterId) return '<cluster>';
    if (UUID.test(value) && value !== ZERO_UUID && /Id$/.test(field)) return this.uuid(value);
    let text = value.replaceAll(this.world.data, '<data>');
    text = text.replaceAll(new RegExp(`\\b${this.world.port}\\b`, 'g'), '<port>');
    text = text.replaceAll(new RegExp(`\\b${this.world.port + 1}\\b`, 'g'), '<controller port>');
    for (const [name, id] of this.world.topicIds) text = text.replaceAll(id, `<id of ${name}>`);
    for (const [name, id] of this.world.members)
      if (id !== '') text = text.replaceAll(id, `<member ${name}>`);
    text = text.replace(JAVA_UUID, '<random>');
    // Now minus the largest long: what overflows when a topic sets no bound.
    text = text.replace(/-92233702\d{11}\b/g, '<long ago>');
    return text.replace(/\b1[0-9]{12}\b/g, (digits) => this.time(Number(digits)));
  }

  /** A time in a text, as distance from now in steps of ten minutes. */
  private time(value: number): string {
    const steps = Math.round((value - this.world.now) / NOW_MS);
    return Math.abs(steps) < 1000 ? `<now ${steps >= 0 ? '+' : ''}${steps * 10} min>` : String(value);
  }

  private uuid(value: string): string {
    for (const [name, id] of this.world.topicIds) if (id === value) return `<id of ${name}>`;
    return '<uuid>';
  }
}

function isView(value: unknown): value is { bytes: Uint8Array; position: number; length: number } {
  return typeof value === 'object' && value !== null && 'bytes' in value && 'position' in value;
}

function identity(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const fields = new Map<string, unknown>(Object.entries(value));
  const parts = IDENTITY.map((name) => fields.get(name)).filter((part) => part !== undefined);
  return parts
    .map((part) => {
      if (typeof part === 'object') return JSON.stringify(part);
      return typeof part === 'number' ? String(part).padStart(12, '0') : String(part);
    })
    .join('|');
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
