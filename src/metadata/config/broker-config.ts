/**
 * The broker's configuration: server.properties, with the dynamic settings of the metadata log laid over it. Immutable;
 * a dynamic change makes a new one. Reading a key that has no row is a bug of the caller, not of the user.
 */
import { assert } from '../../base/assert.js';
import { OperationError } from '../../base/errors.js';
import { brokerConfigProblem } from './broker-rules.js';
import { BROKER_KEYS, brokerRow } from './catalog.js';
import { isBuilt } from './effect.js';
import type { ConfigValue } from './row.js';
import { canonicalText, parseConfig } from './value.js';

export type ConfigTexts = ReadonlyMap<string, string>;
const NONE: ConfigTexts = new Map();

function isNoOp(name: string): boolean {
  const row = brokerRow(name);
  return row !== undefined && (!row.effect || !isBuilt(name));
}

/** Where a value comes from, strongest first. */
export type BrokerConfigOrigin = 'dynamic-broker' | 'dynamic-default' | 'static' | 'default';

export class BrokerConfig {
  readonly #values = new Map<string, ConfigValue>();

  /** Fails with OperationError CONFIG_INVALID on a value Kafka would refuse. */
  constructor(
    /** server.properties as text; broker.id and node.id filled from each other. */
    readonly staticTexts: ConfigTexts,
    /** Dynamic settings of all brokers (resource name ""). */
    readonly dynamicDefault: ConfigTexts = NONE,
    /** Dynamic settings of this broker. */
    readonly dynamicBroker: ConfigTexts = NONE,
  ) {
    for (const row of BROKER_KEYS.values()) {
      const parsed = parseConfig(row, this.#strongest(row.name) ?? row.default);
      if ('problem' in parsed) throw new OperationError('CONFIG_INVALID', parsed.problem.message);
      this.#values.set(row.name, parsed.value);
    }
    const problem = brokerConfigProblem(this);
    if (problem !== null) throw new OperationError('CONFIG_INVALID', problem);
  }

  /** Parses server.properties. Unknown keys are kept (Kafka hands them to plugins) and listed. */
  static fromProperties(properties: ConfigTexts): BrokerConfig {
    const texts = new Map(properties);
    const nodeId = texts.get('node.id')?.trim();
    const brokerId = texts.get('broker.id')?.trim();
    if (nodeId !== undefined && brokerId !== undefined && nodeId !== brokerId) {
      throw new OperationError(
        'CONFIG_INVALID',
        `You must set \`node.id\` to the same value as \`broker.id\`. node.id = ${nodeId}, broker.id = ${brokerId}`,
      );
    }
    const id = nodeId ?? brokerId;
    if (id === undefined) {
      throw new OperationError(
        'CONFIG_INVALID',
        'Missing required configuration "node.id" which has no default value.',
      );
    }
    return new BrokerConfig(texts.set('node.id', id).set('broker.id', id));
  }

  /** The same static configuration under other dynamic settings. */
  withDynamic(dynamicDefault: ConfigTexts, dynamicBroker: ConfigTexts): BrokerConfig {
    return new BrokerConfig(this.staticTexts, dynamicDefault, dynamicBroker);
  }

  #strongest(name: string): string | undefined {
    return this.dynamicBroker.get(name) ?? this.dynamicDefault.get(name) ?? this.staticTexts.get(name);
  }

  origin(name: string): BrokerConfigOrigin {
    if (this.dynamicBroker.has(name)) return 'dynamic-broker';
    if (this.dynamicDefault.has(name)) return 'dynamic-default';
    return this.staticTexts.has(name) ? 'static' : 'default';
  }

  /** The value in force as Kafka prints it. */
  text(name: string): string | null {
    const row = BROKER_KEYS.get(name);
    assert(row !== undefined, `no row for ${name}`);
    return canonicalText(row, this.#strongest(name) ?? row.default);
  }

  value(name: string): ConfigValue {
    const value = this.#values.get(name);
    assert(value !== undefined, `no row for ${name}`);
    return value;
  }

  number(name: string): number {
    const value = this.value(name);
    assert(typeof value === 'number', `${name} is not a number`);
    return value;
  }

  numberOrNull(name: string): number | null {
    return this.value(name) === null ? null : this.number(name);
  }

  /** A number of one listener: `listener.name.<listener>.<name>`, else `<name>`. A prefixed text that is none is ignored. */
  listenerNumber(listener: string, name: string): number {
    const row = BROKER_KEYS.get(name);
    assert(row !== undefined, `no row for ${name}`);
    const own = this.#strongest(`listener.name.${listener.toLowerCase()}.${name}`);
    const parsed = own === undefined ? null : parseConfig(row, own);
    return parsed !== null && 'value' in parsed && typeof parsed.value === 'number'
      ? parsed.value
      : this.number(name);
  }

  boolean(name: string): boolean {
    const value = this.value(name);
    assert(typeof value === 'boolean', `${name} is not a boolean`);
    return value;
  }

  string(name: string): string {
    const value = this.value(name);
    assert(typeof value === 'string', `${name} is not a string`);
    return value;
  }

  stringOrNull(name: string): string | null {
    return this.value(name) === null ? null : this.string(name);
  }

  /** Empty when unset. */
  list(name: string): readonly string[] {
    const value = this.value(name);
    assert(value === null || Array.isArray(value), `${name} is not a list`);
    return value ?? [];
  }

  /** log.dirs, else log.dir. */
  get logDirs(): readonly string[] {
    const many = this.list('log.dirs');
    return many.length > 0 ? many : this.list('log.dir');
  }

  /** Directory of the metadata log. */
  get metadataLogDir(): string {
    return this.stringOrNull('metadata.log.dir') ?? this.logDirs[0];
  }

  /** Keys of server.properties that have no row, sorted. */
  get unknownKeys(): readonly string[] {
    return [...this.staticTexts.keys()].filter((name) => brokerRow(name) === undefined).sort();
  }

  /** Keys of server.properties that are known but change nothing here, sorted. */
  get noEffectKeys(): readonly string[] {
    return [...this.staticTexts.keys()].filter((name) => isNoOp(name)).sort();
  }
}
