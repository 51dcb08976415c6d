/** From a topic's overrides and the broker's settings to what the log needs (LogConfig.java, ServerTopicConfigSynonyms.java). */
import { assert } from '../../base/assert.js';
import type { LogConfig } from '../../storage/contract.js';
import type { BrokerConfig, ConfigTexts } from './broker-config.js';
import { retentionMs } from './broker-rules.js';
import { TOPIC_KEYS } from './catalog.js';
import type { ConfigRow, ConfigValue } from './row.js';
import { type ConfigProblem, canonicalText, parseConfig } from './value.js';

const HOUR_MS = 3_600_000;

/** Topic keys whose broker default is computed from more than one broker key. */
const COMPUTED: Record<string, (broker: BrokerConfig) => string> = {
  'segment.ms': (b) => String(b.numberOrNull('log.roll.ms') ?? b.number('log.roll.hours') * HOUR_MS),
  'segment.jitter.ms': (b) =>
    String(b.numberOrNull('log.roll.jitter.ms') ?? b.number('log.roll.jitter.hours') * HOUR_MS),
  'retention.ms': (b) => String(retentionMs(b)),
  'flush.ms': (b) => b.text('log.flush.interval.ms') ?? b.text('log.flush.scheduler.interval.ms') ?? '',
};

/** The text in force for a topic key: the override, else what the broker gives. */
export function effectiveTopicText(
  broker: BrokerConfig,
  overrides: ConfigTexts,
  row: ConfigRow,
): string | null {
  const own = overrides.get(row.name);
  if (own !== undefined) return canonicalText(row, own);
  const computed = COMPUTED[row.name];
  if (computed) return computed(broker);
  return row.synonym === null ? row.default : broker.text(row.synonym);
}

/** Value in force of one topic key; overrides were validated when they were written. */
function effectiveValue(broker: BrokerConfig, overrides: ConfigTexts, name: string): ConfigValue {
  const row = TOPIC_KEYS.get(name);
  assert(row !== undefined, `no topic row for ${name}`);
  const parsed = parseConfig(row, effectiveTopicText(broker, overrides, row));
  if (!('problem' in parsed)) return parsed.value;
  // A directory that another version wrote may hold a value this one refuses: the broker's default stands in.
  const fallback = parseConfig(row, effectiveTopicText(broker, new Map(), row));
  assert(!('problem' in fallback), `the broker's default of ${name} is invalid`);
  return fallback.value;
}

const CODECS = ['producer', 'uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

/** Effective configuration of one topic as numbers. */
export function toLogConfig(broker: BrokerConfig, overrides: ConfigTexts): LogConfig {
  const value = (name: string): ConfigValue => effectiveValue(broker, overrides, name);
  const number = (name: string): number => {
    const found = value(name);
    assert(typeof found === 'number', `${name} is not a number`);
    return found;
  };
  const policy = value('cleanup.policy');
  const internalSegmentBytes = value('internal.segment.bytes');
  return {
    segmentBytes: typeof internalSegmentBytes === 'number' ? internalSegmentBytes : number('segment.bytes'),
    segmentMs: number('segment.ms'),
    segmentJitterMs: number('segment.jitter.ms'),
    segmentIndexBytes: number('segment.index.bytes'),
    indexIntervalBytes: number('index.interval.bytes'),
    maxMessageBytes: number('max.message.bytes'),
    messageTimestampType:
      value('message.timestamp.type') === 'LogAppendTime' ? 'LogAppendTime' : 'CreateTime',
    messageTimestampBeforeMaxMs: number('message.timestamp.before.max.ms'),
    messageTimestampAfterMaxMs: number('message.timestamp.after.max.ms'),
    cleanupCompact: Array.isArray(policy) && policy.includes('compact'),
    cleanupDelete: Array.isArray(policy) && policy.includes('delete'),
    compressionType: CODECS.find((codec) => codec === value('compression.type')) ?? 'producer',
    compressionGzipLevel: number('compression.gzip.level'),
    compressionLz4Level: number('compression.lz4.level'),
    compressionZstdLevel: number('compression.zstd.level'),
    flushMessages: number('flush.messages'),
    flushMs: number('flush.ms'),
    retentionMs: number('retention.ms'),
    retentionBytes: number('retention.bytes'),
    preallocate: value('preallocate') === true,
    fileDeleteDelayMs: number('file.delete.delay.ms'),
    maxCompactionLagMs: number('max.compaction.lag.ms'),
    minCompactionLagMs: number('min.compaction.lag.ms'),
    deleteRetentionMs: number('delete.retention.ms'),
    minCleanableDirtyRatio: number('min.cleanable.dirty.ratio'),
    minInsyncReplicas: number('min.insync.replicas'),
    producerIdExpirationMs: broker.number('producer.id.expiration.ms'),
    validation: broker.text('log.validation') === 'header' ? 'header' : 'full',
  };
}

/** Checks the whole set of a topic's overrides as Kafka does: each key, then the rules between them. Null = fine. */
export function topicConfigProblem(broker: BrokerConfig, overrides: ConfigTexts): ConfigProblem | null {
  for (const name of overrides.keys()) {
    if (!TOPIC_KEYS.has(name)) return { name, message: `Unknown topic config name: ${name}` };
  }
  for (const [name, text] of overrides) {
    const row = TOPIC_KEYS.get(name);
    assert(row !== undefined, 'checked above');
    const parsed = parseConfig(row, text);
    if ('problem' in parsed) return parsed.problem;
  }
  return compactionLagProblem(broker, overrides) ?? remoteStorageProblem(overrides);
}

function compactionLagProblem(broker: BrokerConfig, overrides: ConfigTexts): ConfigProblem | null {
  const name = 'min.compaction.lag.ms';
  const min = effectiveValue(broker, overrides, name);
  const max = effectiveValue(broker, overrides, 'max.compaction.lag.ms');
  if (typeof min !== 'number' || typeof max !== 'number' || min <= max) return null;
  return { name, message: `conflict topic config setting ${name} (${min}) > max.compaction.lag.ms (${max})` };
}

function remoteStorageProblem(overrides: ConfigTexts): ConfigProblem | null {
  const name = 'remote.storage.enable';
  if (overrides.get(name)?.trim().toLowerCase() !== 'true') return null;
  const message =
    'Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.';
  return { name, message };
}
