/**
 * DescribeConfigs (ConfigHelper.scala): every key with its value in force, where it comes from, and the chain of
 * synonyms. The chain starts at the first entry that carries the key's own name: with log.retention.hours set alone,
 * log.retention.ms shows no synonyms although hours decide. Checked entry by entry against the real broker.
 */
import type { BrokerConfig, ConfigTexts } from './broker-config.js';
import { BROKER_KEYS, brokerRow, brokerSynonyms, GROUP_KEYS, TOPIC_KEYS } from './catalog.js';
import { type ConfigRow, ConfigType } from './row.js';
import { effectiveTopicText } from './topic-config.js';
import { canonicalText } from './value.js';

export const ConfigSource = {
  DYNAMIC_TOPIC: 1,
  DYNAMIC_BROKER: 2,
  DYNAMIC_DEFAULT_BROKER: 3,
  STATIC_BROKER: 4,
  DEFAULT: 5,
  DYNAMIC_BROKER_LOGGER: 6,
  CLIENT_METRICS: 7,
  GROUP: 8,
} as const;

export interface ConfigSynonym {
  readonly name: string;
  readonly value: string | null;
  readonly source: number;
}
/** One entry of a DescribeConfigs answer; synonyms are always filled, the handler drops them when not asked for. */
export interface ConfigEntry {
  readonly name: string;
  readonly value: string | null;
  readonly readOnly: boolean;
  readonly source: number;
  readonly sensitive: boolean;
  readonly synonyms: readonly ConfigSynonym[];
  readonly type: number;
  readonly documentation: string | null;
}

/** Chain of a broker key: dynamic of this broker, dynamic of all, static, default; each in the order of its synonyms. */
function synonymChain(broker: BrokerConfig, name: string): ConfigSynonym[] {
  const names = brokerSynonyms(name);
  const layers: [ConfigTexts, number][] = [
    [broker.dynamicBroker, ConfigSource.DYNAMIC_BROKER],
    [broker.dynamicDefault, ConfigSource.DYNAMIC_DEFAULT_BROKER],
    [broker.staticTexts, ConfigSource.STATIC_BROKER],
  ];
  const chain: ConfigSynonym[] = [];
  const hidden = brokerRow(name)?.sensitive ?? true;
  for (const [texts, source] of layers) {
    for (const one of names) {
      const text = texts.get(one);
      if (text !== undefined) chain.push({ name: one, value: hidden ? null : text, source });
    }
  }
  for (const one of names) {
    const fallback = BROKER_KEYS.get(one)?.default ?? null;
    if (fallback !== null)
      chain.push({ name: one, value: hidden ? null : fallback, source: ConfigSource.DEFAULT });
  }
  const start = chain.findIndex((synonym) => synonym.name === name);
  return start < 0 ? [] : chain.slice(start);
}

function brokerEntry(name: string, value: string | null, chain: ConfigSynonym[]): ConfigEntry {
  const row = brokerRow(name);
  const sensitive = row?.sensitive ?? true; // an unknown key may be a plugin's password
  return {
    name,
    value: sensitive ? null : value,
    readOnly: row === undefined || row.dynamic === 'read-only' || !BROKER_KEYS.has(name),
    source: chain[0]?.source ?? ConfigSource.DEFAULT,
    sensitive,
    synonyms: chain,
    type: row === undefined ? ConfigType.UNKNOWN : ConfigType[row.type],
    documentation: row?.doc ?? null,
  };
}

function wanted(names: ReadonlySet<string> | null, name: string): boolean {
  return names === null || names.size === 0 || names.has(name);
}

const byName = (a: ConfigEntry, b: ConfigEntry): number => (a.name < b.name ? -1 : 1);

/** Entries of this broker; `names` null or empty = all. */
export function describeBroker(broker: BrokerConfig, names: ReadonlySet<string> | null): ConfigEntry[] {
  const all = new Set([
    ...broker.staticTexts.keys(),
    ...broker.dynamicDefault.keys(),
    ...broker.dynamicBroker.keys(),
  ]);
  for (const row of BROKER_KEYS.values()) if (!row.internal) all.add(row.name);
  return [...all]
    .filter((name) => wanted(names, name))
    .map((name) => {
      const value = BROKER_KEYS.has(name)
        ? broker.text(name)
        : (synonymChain(broker, name)[0]?.value ?? null);
      return brokerEntry(name, value, synonymChain(broker, name));
    })
    .sort(byName);
}

/** Entries of resource "": only what was set dynamically for all brokers. */
export function describeBrokerDefault(
  broker: BrokerConfig,
  names: ReadonlySet<string> | null,
): ConfigEntry[] {
  return [...broker.dynamicDefault]
    .filter(([name]) => wanted(names, name))
    .map(([name, value]) => {
      const chain = synonymChain(broker, name).filter(
        (one) => one.source === ConfigSource.DYNAMIC_DEFAULT_BROKER,
      );
      return brokerEntry(name, value, chain);
    })
    .sort(byName);
}

/** Entries of a topic with these overrides. */
export function describeTopic(
  broker: BrokerConfig,
  overrides: ConfigTexts,
  names: ReadonlySet<string> | null,
): ConfigEntry[] {
  return describeRows(TOPIC_KEYS, overrides, names, ConfigSource.DYNAMIC_TOPIC, {
    value: (row) => effectiveTopicText(broker, overrides, row),
    chain: (row) => (row.synonym === null ? [] : synonymChain(broker, row.synonym)),
  });
}

/** Entries of a group with these overrides. */
export function describeGroup(
  broker: BrokerConfig,
  overrides: ConfigTexts,
  names: ReadonlySet<string> | null,
): ConfigEntry[] {
  return describeRows(GROUP_KEYS, overrides, names, ConfigSource.GROUP, {
    value: (row) => {
      const own = overrides.get(row.name);
      if (own !== undefined) return canonicalText(row, own);
      return row.synonym !== null && BROKER_KEYS.has(row.synonym) ? broker.text(row.synonym) : row.default;
    },
    chain: (row) =>
      row.synonym !== null && BROKER_KEYS.has(row.synonym)
        ? synonymChain(broker, row.synonym)
        : [{ name: row.name, value: row.default, source: ConfigSource.DEFAULT }],
  });
}

function describeRows(
  rows: ReadonlyMap<string, ConfigRow>,
  overrides: ConfigTexts,
  names: ReadonlySet<string> | null,
  ownSource: number,
  read: { value: (row: ConfigRow) => string | null; chain: (row: ConfigRow) => ConfigSynonym[] },
): ConfigEntry[] {
  const entries: ConfigEntry[] = [];
  for (const row of rows.values()) {
    const own = overrides.get(row.name);
    if ((row.internal && own === undefined) || !wanted(names, row.name)) continue;
    const chain = read.chain(row);
    if (own !== undefined)
      chain.unshift({ name: row.name, value: row.sensitive ? null : own, source: ownSource });
    entries.push({
      name: row.name,
      value: row.sensitive ? null : read.value(row),
      readOnly: false,
      source: chain[0]?.source ?? ConfigSource.DEFAULT,
      sensitive: row.sensitive,
      synonyms: chain,
      type: ConfigType[row.type],
      documentation: row.doc,
    });
  }
  return entries.sort(byName);
}
