/**
 * What AlterConfigs and IncrementalAlterConfigs would leave behind, and why it is refused (ConfigAdminManager,
 * ConfigurationControlManager, DynamicBrokerConfig). Pure; the texts were taken from the real broker.
 */
import { assert } from '../../base/assert.js';
import { OperationError } from '../../base/errors.js';
import { KafkaError } from '../../base/kafka-error.js';
import { parseAddressOverrides } from './address-overrides.js';
import type { BrokerConfig, ConfigTexts } from './broker-config.js';
import { BROKER_KEYS, brokerRow, GROUP_KEYS, TOPIC_KEYS } from './catalog.js';
import { parseListeners } from './listeners.js';
import type { ConfigRow } from './row.js';
import { topicConfigProblem } from './topic-config.js';
import { parseConfig } from './value.js';

export const AlterOperation = { SET: 0, DELETE: 1, APPEND: 2, SUBTRACT: 3 } as const;
/** Longest value in bytes (Short.MAX_VALUE). */
export const CONFIG_VALUE_BYTES_MAX = 32767;

export interface ConfigAlteration {
  readonly name: string;
  readonly operation: number;
  readonly value: string | null;
}
export interface ConfigRefusal {
  readonly error: number;
  readonly message: string;
}
export type AlteredConfig = { readonly texts: ConfigTexts } | ConfigRefusal;

function refuse(error: number, message: string): ConfigRefusal {
  return { error, message };
}

/** Kinds of resource whose configuration is stored; `broker` is one broker, `broker-default` is resource "". */
export type ConfigKind = 'topic' | 'broker' | 'broker-default' | 'group' | 'client-metrics';

/** Client metrics subscriptions are checked by the controller; none of their lists can be appended to. */
const NO_ROWS: ReadonlyMap<string, ConfigRow> = new Map();

const ROWS: Record<ConfigKind, ReadonlyMap<string, ConfigRow>> = {
  topic: TOPIC_KEYS,
  broker: BROKER_KEYS,
  'broker-default': BROKER_KEYS,
  group: GROUP_KEYS,
  'client-metrics': NO_ROWS,
};

/** eligible.leader.replicas.version >= 1: a broker has no min.insync.replicas of its own, not even to be removed. */
export function minIsrOfBrokerProblem(
  kind: ConfigKind,
  alterations: readonly ConfigAlteration[],
): ConfigRefusal | null {
  const key = 'min.insync.replicas';
  if (kind !== 'broker' || !alterations.some(({ name }) => name === key)) return null;
  return refuse(KafkaError.INVALID_CONFIG, `Broker-level ${key} cannot be altered while ELR is enabled.`);
}

/** Checks that hold before a value is looked at: null values and keys that come twice. */
export function alterationsProblem(alterations: readonly ConfigAlteration[]): ConfigRefusal | null {
  if (new Set(alterations.map((one) => one.name)).size !== alterations.length) {
    return refuse(KafkaError.INVALID_REQUEST, 'Error due to duplicate config keys');
  }
  const nulls = alterations.filter((one) => one.value === null && one.operation !== AlterOperation.DELETE);
  if (nulls.length > 0) {
    const names = nulls.map((one) => one.name).join(',');
    return refuse(KafkaError.INVALID_REQUEST, `Null value not supported for : ${names}`);
  }
  return null;
}

/** Applies the operations one after the other to the settings a resource has now. */
export function applyAlterations(
  kind: ConfigKind,
  current: ConfigTexts,
  alterations: readonly ConfigAlteration[],
  inherited: (name: string) => string | null,
): AlteredConfig {
  const texts = new Map(current);
  for (const { name, operation, value } of alterations) {
    if (operation === AlterOperation.DELETE) {
      texts.delete(name);
      continue;
    }
    assert(value !== null, 'alterationsProblem refused null values');
    if (operation === AlterOperation.SET) {
      texts.set(name, value);
    } else if (operation === AlterOperation.APPEND || operation === AlterOperation.SUBTRACT) {
      const row = ROWS[kind].get(name);
      if (row?.type !== 'LIST') return notAList(kind, name, operation);
      texts.set(name, editList(texts.get(name) ?? inherited(name) ?? '', value, operation));
    } else {
      return refuse(KafkaError.INVALID_REQUEST, `Unknown operation type ${operation} for config ${name}.`);
    }
    if (Buffer.byteLength(texts.get(name) ?? '') > CONFIG_VALUE_BYTES_MAX) {
      const message = `The configuration value cannot be added because it exceeds the maximum value size of ${CONFIG_VALUE_BYTES_MAX} bytes.`;
      return refuse(KafkaError.INVALID_CONFIG, message);
    }
  }
  return { texts };
}

function notAList(kind: ConfigKind, name: string, operation: number): ConfigRefusal {
  const word = operation === AlterOperation.APPEND ? 'APPEND' : 'SUBTRACT';
  return kind === 'topic' || kind === 'group' || kind === 'client-metrics'
    ? refuse(KafkaError.INVALID_CONFIG, `Can't ${word} to key ${name} because its type is not LIST.`)
    : refuse(
        KafkaError.INVALID_CONFIG,
        `Config value ${word.toLowerCase()} is not allowed for config key: ${name}`,
      );
}

function editList(now: string, value: string, operation: number): string {
  const elements = now === '' ? [] : now.split(/\s*,\s*/);
  const named = value === '' ? [] : value.trim().split(/\s*,\s*/);
  return operation === AlterOperation.APPEND
    ? [...elements, ...named.filter((one) => !elements.includes(one))].join(',')
    : elements.filter((one) => !named.includes(one)).join(',');
}

/** Why these settings of a topic are refused, or null. */
export function topicAlterationProblem(broker: BrokerConfig, texts: ConfigTexts): ConfigRefusal | null {
  const problem = topicConfigProblem(broker, texts);
  return problem === null ? null : refuse(KafkaError.INVALID_CONFIG, problem.message);
}

/** Why these settings of a group are refused, or null: each value lies between the broker's min and max. */
export function groupAlterationProblem(broker: BrokerConfig, texts: ConfigTexts): ConfigRefusal | null {
  for (const [name, text] of texts) {
    const row = GROUP_KEYS.get(name);
    if (row === undefined) return refuse(KafkaError.INVALID_CONFIG, `Unknown group config name: ${name}`);
    const parsed = parseConfig(row, text);
    if ('problem' in parsed) return refuse(KafkaError.INVALID_CONFIG, parsed.problem.message);
    const [kind, ...rest] = name.split('.');
    const minKey = `group.${kind}.min.${rest.join('.')}`;
    const maxKey = `group.${kind}.max.${rest.join('.').replace(/^num\./, '')}`;
    const value = parsed.value;
    if (typeof value !== 'number') continue;
    if (BROKER_KEYS.has(minKey) && value < broker.number(minKey)) {
      return refuse(KafkaError.INVALID_CONFIG, `${name} must be greater than or equal to ${minKey}`);
    }
    if (BROKER_KEYS.has(maxKey) && value > broker.number(maxKey)) {
      return refuse(KafkaError.INVALID_CONFIG, `${name} must be less than or equal to ${maxKey}`);
    }
  }
  return null;
}

/** Keys of key and trust stores: dynamic only under a listener's prefix (DynamicSecurityConfigs). */
const LISTENER_ONLY = /^ssl\.(keystore|truststore|key\.password|engine\.factory\.class)/;
const CLUSTER_LEVEL_LISTENER_KEYS = [
  'max.connections',
  'max.connection.creation.rate',
  'num.network.threads',
];
/** Pools that may at most double or halve in one step (DynamicThreadPool). */
const THREAD_POOLS = [
  'num.io.threads',
  'num.network.threads',
  'num.replica.fetchers',
  'num.recovery.threads.per.data.dir',
  'background.threads',
];

/**
 * Why these dynamic settings are refused, or null. `before` is what the resource has now: only changes are judged.
 * `elrEnabled`: eligible.leader.replicas.version >= 1, under which min.insync.replicas is a cluster setting.
 */
export function brokerAlterationProblem(
  broker: BrokerConfig,
  kind: 'broker' | 'broker-default',
  before: ConfigTexts,
  texts: ConfigTexts,
  elrEnabled: boolean,
): ConfigRefusal | null {
  const changed = [...texts].filter(([name, text]) => before.get(name) !== text);
  const names = changed.map(([name]) => name);
  const list = (found: string[]): string => `[${found.join(', ')}]`;
  const listenerOnly = names.filter((name) => LISTENER_ONLY.test(name));
  if (listenerOnly.length > 0) {
    const message = `These security configs can be dynamically updated only per-listener using the listener prefix: ${list(listenerOnly)}`;
    return refuse(KafkaError.INVALID_REQUEST, message);
  }
  const fixed = names.filter((name) => BROKER_KEYS.get(name)?.dynamic === 'read-only');
  if (fixed.length > 0) {
    return refuse(KafkaError.INVALID_REQUEST, `Cannot update these configs dynamically: ${list(fixed)}`);
  }
  const perBroker = names.filter(isPerBroker);
  if (kind === 'broker-default' && perBroker.length > 0) {
    const message = `Cannot update these configs at default cluster level, broker id must be specified: ${list(perBroker)}`;
    return refuse(KafkaError.INVALID_REQUEST, message);
  }
  const elr = elrEnabled ? minIsrProblem(kind, before, texts) : null;
  return elr ?? valuesProblem(broker, kind, changed, texts);
}

/** Keys of a listener belong to a broker, but for a few that all brokers may share (DynamicBrokerConfig.perBrokerConfigs). */
function isPerBroker(name: string): boolean {
  const listener = /^listener\.name\.[^.]+\.(.+)$/.exec(name);
  return listener === null
    ? brokerRow(name)?.dynamic === 'per-broker'
    : !CLUSTER_LEVEL_LISTENER_KEYS.includes(listener[1]);
}

function minIsrProblem(kind: ConfigKind, before: ConfigTexts, texts: ConfigTexts): ConfigRefusal | null {
  const key = 'min.insync.replicas';
  if (kind === 'broker-default' && before.has(key) && !texts.has(key)) {
    return refuse(KafkaError.INVALID_CONFIG, `Cluster-level ${key} cannot be removed while ELR is enabled.`);
  }
  return null;
}

function valuesProblem(
  broker: BrokerConfig,
  kind: 'broker' | 'broker-default',
  changed: readonly (readonly [string, string])[],
  texts: ConfigTexts,
): ConfigRefusal | null {
  for (const [name, text] of changed) {
    const row = brokerRow(name);
    if (row === undefined) continue; // Kafka stores unknown keys: a plugin may want them
    const parsed = parseConfig(row, text);
    if ('problem' in parsed) return refuse(KafkaError.INVALID_REQUEST, parsed.problem.message);
    if (THREAD_POOLS.includes(name) && typeof parsed.value === 'number') {
      const now = broker.number(name);
      const off =
        parsed.value > now * 2
          ? 'value should not be greater than double the current value'
          : parsed.value < Math.floor(now / 2)
            ? 'value should be at least half the current value'
            : null;
      if (off !== null) {
        const text = `Dynamic thread count update validation failed for ${name}=${parsed.value}, ${off} ${now}`;
        return refuse(KafkaError.INVALID_REQUEST, invalidDynamic(text));
      }
    }
  }
  const overrides = parseAddressOverrides(texts.get('max.connections.per.ip.overrides') ?? '');
  if ('problem' in overrides) return refuse(KafkaError.INVALID_REQUEST, overrides.problem);
  try {
    const then =
      kind === 'broker'
        ? broker.withDynamic(broker.dynamicDefault, texts)
        : broker.withDynamic(texts, broker.dynamicBroker);
    return connectionsProblem(then);
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    return refuse(KafkaError.INVALID_REQUEST, `requirement failed: ${error.message}`);
  }
}

/** A running listener must let somebody in (SocketServer.ListenerConnectionQuota.validateReconfiguration). */
function connectionsProblem(then: BrokerConfig): ConfigRefusal | null {
  const parsed = parseListeners(then);
  if ('problem' in parsed) return null;
  for (const { name } of parsed.listeners) {
    for (const key of ['max.connections', 'max.connection.creation.rate']) {
      const value = then.listenerNumber(name, key);
      if (value <= 0) {
        return refuse(KafkaError.INVALID_REQUEST, invalidDynamic(`Invalid ${key} ${value}`));
      }
    }
  }
  return null;
}

/** Kafka wraps the text of a reconfigurable component twice; tools show it as it is. */
function invalidDynamic(text: string): string {
  return `Invalid value org.apache.kafka.common.config.ConfigException: ${text} for configuration Invalid dynamic configuration`;
}
