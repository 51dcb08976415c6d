/**
 * Rules between keys of the broker configuration (KafkaConfig.validateValues). Pure: null = fine, else Kafka's text.
 * Rules of features that Millrace does not have (SASL between brokers, ZooKeeper) are left out.
 */
import { parseAddressOverrides } from './address-overrides.js';
import { parseListeners } from './listeners.js';

/** What the rules read; BrokerConfig is one. */
export interface ReadableConfig {
  number(name: string): number;
  numberOrNull(name: string): number | null;
  boolean(name: string): boolean;
  string(name: string): string;
  stringOrNull(name: string): string | null;
  list(name: string): readonly string[];
}

const MEBIBYTE = 1_048_576;

type Rule = (config: ReadableConfig) => string | null;

const RULES: readonly Rule[] = [
  (c) => {
    const ms = c.numberOrNull('log.roll.ms');
    return ms !== null && ms < 1 ? 'log.roll.ms must be greater than or equal to 1' : null;
  },
  (c) => {
    const ms = c.numberOrNull('log.roll.jitter.ms');
    return ms !== null && ms < 0 ? 'log.roll.jitter.ms must be greater than or equal to 0' : null;
  },
  (c) => {
    const ms = retentionMs(c);
    return ms >= 1 || ms === -1
      ? null
      : 'log.retention.ms must be unlimited (-1) or, greater than or equal to 1';
  },
  (c) => {
    const threads = c.number('log.cleaner.threads');
    return threads > 0 && c.number('log.cleaner.dedupe.buffer.size') / threads <= MEBIBYTE
      ? 'log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread.'
      : null;
  },
  (c) =>
    c.number('replica.fetch.wait.max.ms') > c.number('replica.socket.timeout.ms')
      ? 'replica.socket.timeout.ms should always be at least replica.fetch.wait.max.ms to prevent unnecessary socket timeouts'
      : null,
  (c) =>
    c.number('replica.fetch.wait.max.ms') > c.number('replica.lag.time.max.ms')
      ? 'replica.fetch.wait.max.ms should always be less than or equal to replica.lag.time.max.ms to prevent frequent changes in ISR'
      : null,
  (c) => {
    const bytes = c.number('queued.max.request.bytes');
    return bytes > 0 && bytes < c.number('socket.request.max.bytes')
      ? 'queued.max.request.bytes must be larger or equal to socket.request.max.bytes'
      : null;
  },
  (c) =>
    c.number('max.connections.per.ip') === 0 && c.string('max.connections.per.ip.overrides') === ''
      ? 'max.connections.per.ip can be set to zero only if max.connections.per.ip.overrides property is set.'
      : null,
  (c) => {
    const overrides = parseAddressOverrides(c.string('max.connections.per.ip.overrides'));
    return 'problem' in overrides ? overrides.problem : null;
  },
  (c) => {
    const idle = c.number('connections.max.idle.ms');
    const delay = c.number('connection.failed.authentication.delay.ms');
    return idle >= 0 && delay >= idle
      ? `connection.failed.authentication.delay.ms=${delay} should always be less than connections.max.idle.ms=${idle} to prevent failed authentication responses from timing out`
      : null;
  },
  cordoned,
  listeners,
];

function cordoned(c: ReadableConfig): string | null {
  const wanted = c.list('cordoned.log.dirs');
  if (wanted.length === 1 && wanted[0] === '*') return null;
  const dirs = c.list('log.dirs').length > 0 ? c.list('log.dirs') : c.list('log.dir');
  const missing = wanted.filter((dir) => !dirs.includes(dir));
  return missing.length === 0
    ? null
    : `All entries in cordoned.log.dirs must be present in log.dirs or log.dir. Missing entries : ${missing.join(', ')}`;
}

function listeners(c: ReadableConfig): string | null {
  const parsed = parseListeners(c);
  if ('problem' in parsed) return parsed.problem;
  // Kafka also wants a controller listener here; the embedded controller has no socket, so its absence does no harm.
  const wildcard = parsed.advertised.find((one) => one.host === '0.0.0.0');
  if (wildcard && c.list('advertised.listeners').length > 0) {
    return `advertised.listeners cannot use the nonroutable meta-address 0.0.0.0. Use a routable IP address.`;
  }
  const names = new Set(parsed.listeners.map((one) => one.name));
  const foreign = parsed.advertised.find((one) => !names.has(one.name));
  if (foreign) {
    return `advertised.listeners listener names must be equal to or a subset of the ones defined in listeners. Found ${parsed.advertised.map((one) => one.name).join(',')}. The valid options based on the current configuration are ${[...names].join(',')}`;
  }
  const interBroker = c.stringOrNull('inter.broker.listener.name');
  if (interBroker !== null && !parsed.advertised.some((one) => one.name === interBroker)) {
    return `inter.broker.listener.name must be a listener name defined in advertised.listeners. The valid options based on currently configured listeners are ${parsed.advertised.map((one) => one.name).join(',')}`;
  }
  return null;
}

/** First broken rule in Kafka's words, or null. */
export function brokerConfigProblem(config: ReadableConfig): string | null {
  for (const rule of RULES) {
    const problem = rule(config);
    if (problem !== null) return problem;
  }
  return null;
}

/** log.retention.ms, else minutes, else hours; -1 = for ever. */
export function retentionMs(c: ReadableConfig): number {
  const minutes = c.numberOrNull('log.retention.minutes');
  const ms = c.numberOrNull('log.retention.ms') ?? (minutes === null ? null : minutes * 60_000);
  const chosen = ms ?? c.number('log.retention.hours') * 3_600_000;
  return chosen < 0 ? -1 : chosen;
}
