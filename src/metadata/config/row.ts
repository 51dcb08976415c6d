/**
 * One configuration key = one row. Parsing, validation, DescribeConfigs and the documentation derive from the rows, so
 * a key is added in one place. Names, types, defaults and bounds are those of Kafka 4.3.1.
 */

/** Types as DescribeConfigs numbers them (ConfigEntry type, v3+). */
export const ConfigType = {
  UNKNOWN: 0,
  BOOLEAN: 1,
  STRING: 2,
  INT: 3,
  SHORT: 4,
  LONG: 5,
  DOUBLE: 6,
  LIST: 7,
  CLASS: 8,
  PASSWORD: 9,
} as const;
export type ConfigTypeName = Exclude<keyof typeof ConfigType, 'UNKNOWN'>;

/** A parsed value. LONGs beyond 2^53 are clamped to Number.MAX_SAFE_INTEGER ("never", "unlimited"). */
export type ConfigValue = string | number | boolean | readonly string[] | null;

/** Says why a parsed value is refused, or null. `shown` is the value as Kafka prints it in the message. */
export type Validator = (value: ConfigValue, name: string) => { shown?: string; reason: string } | null;

export type ConfigScope = 'topic' | 'broker' | 'group';
/** Whether a broker key can be changed while running, and for whom (DynamicBrokerConfig.java). */
export type DynamicScope = 'read-only' | 'per-broker' | 'cluster-wide';

export interface ConfigRow {
  readonly name: string;
  readonly type: ConfigTypeName;
  /** Default as Kafka prints it; null = none. */
  readonly default: string | null;
  readonly doc: string;
  readonly scope: ConfigScope;
  readonly valid: Validator | null;
  /** Broker key that gives a topic or group key its default; null = none. */
  readonly synonym: string | null;
  readonly dynamic: DynamicScope;
  /** False: known and checked, but Millrace behaves the same whatever it says. */
  readonly effect: boolean;
  /** Left out of DescribeConfigs unless set. */
  readonly internal: boolean;
  readonly sensitive: boolean;
}

interface RowOptions {
  valid?: Validator;
  synonym?: string;
  dynamic?: DynamicScope;
  effect?: boolean;
  internal?: boolean;
}

type RowMaker = (
  name: string,
  type: ConfigTypeName,
  fallback: string | null,
  doc: string,
  options?: RowOptions,
) => ConfigRow;

function maker(scope: ConfigScope): RowMaker {
  return (name, type, fallback, doc, options = {}) => ({
    name,
    type,
    default: fallback,
    doc,
    scope,
    valid: options.valid ?? null,
    synonym: options.synonym ?? null,
    dynamic: options.dynamic ?? 'read-only',
    effect: options.effect ?? true,
    internal: options.internal ?? false,
    sensitive: type === 'PASSWORD',
  });
}

export const topic = maker('topic');
export const broker = maker('broker');
export const group = maker('group');
