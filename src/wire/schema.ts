/**
 * The schema language: one shape per message for all its versions. A field says since when (and until when) it exists,
 * whether it may be null, its default, its tag. The TypeScript types of values are inferred from the same text:
 *
 *   const produceRequest = defineMessage({ name: 'ProduceRequest', …, fields: { acks: t.int16(), … } });
 *   type ProduceRequest = Infer<typeof produceRequest>;
 *
 * Order of fields = order on the wire. Semantics are those of Kafka's message generator (generator/…/message/*.java).
 */
import { assert } from '../base/assert.js';
import type { UnknownTag } from './reader.js';
import type { RecordsInput, RecordsView } from './records.js';

export type ScalarKind =
  | 'bool'
  | 'int8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'clampedInt64'
  | 'bigint64'
  | 'float64'
  | 'uuid'
  | 'string'
  | 'bytes'
  | 'records';

export type FieldType =
  | { readonly kind: ScalarKind }
  | { readonly kind: 'array'; readonly element: FieldType }
  | { readonly kind: 'struct'; readonly fields: Fields };

export interface FieldOptions<Value = unknown> {
  /** First version that has the field; default: every version. */
  readonly since?: number;
  /** Last version that has the field; default: no end. */
  readonly until?: number;
  /** First version in which null is allowed; default: never. */
  readonly nullable?: number;
  /** Value when absent; default 0, false, "", empty, the zero uuid; null for nullable structs and records. */
  readonly default?: Value;
  /** A tagged field: written only when not the default. In every version that has the field. */
  readonly tag?: number;
  /** A version without the field drops its value silently; otherwise encoding a non-default value throws. */
  readonly ignorable?: true;
  /** The field keeps the old encoding in flexible versions (RequestHeader.clientId). */
  readonly flexible?: 'never';
}

declare const decoded: unique symbol;
declare const encoded: unique symbol;

/** One field of a schema. Out: what decoding gives; In: what encoding accepts. */
export interface Field<out Out = unknown, out In = unknown> {
  readonly type: FieldType;
  readonly options: FieldOptions;
  readonly [decoded]?: Out;
  readonly [encoded]?: In;
}
export type Fields = { readonly [name: string]: Field };

type OutOf<F> = F extends Field<infer Out, infer _> ? Out : never;
type InOf<F> = F extends Field<infer _, infer In> ? In : never;

/** A decoded struct. Unknown tags appear only when the reader keeps them. */
export type StructOut<F extends Fields> = { -readonly [K in keyof F]: OutOf<F[K]> } & {
  unknownTags?: UnknownTag[];
};
/** A struct to encode: what is left out takes its default. */
export type StructIn<F extends Fields> = { readonly [K in keyof F]?: InOf<F[K]> | undefined } & {
  readonly unknownTags?: readonly UnknownTag[] | undefined;
};

type Null<O> = O extends { readonly nullable: number } ? null : never;

function scalar<Out, In = Out>(kind: ScalarKind) {
  const type: FieldType = { kind };
  return <const O extends FieldOptions<Out | In | null> = FieldOptions<Out>>(
    options?: O,
  ): Field<Out | Null<O>, In | Null<O>> => ({ type, options: options ?? {} });
}

type Element = Field | Fields;
type ElementOut<E> = E extends Field<infer Out, infer _> ? Out : E extends Fields ? StructOut<E> : never;
type ElementIn<E> = E extends Field<infer _, infer In> ? In : E extends Fields ? StructIn<E> : never;

function isField(element: Element): element is Field {
  return 'options' in element && 'type' in element && 'kind' in element.type;
}

/** An array of a scalar (`t.int32()`) or of structs (their fields). Null elements do not exist in Kafka's schemas. */
function array<E extends Element, const O extends FieldOptions<null> = FieldOptions<null>>(
  element: E,
  options?: O,
): Field<ElementOut<E>[] | Null<O>, readonly ElementIn<E>[] | Null<O>> {
  const type: FieldType = isField(element) ? element.type : { kind: 'struct', fields: element };
  assert(!isField(element) || Object.keys(element.options).length === 0, 'options belong to the array');
  return { type: { kind: 'array', element: type }, options: options ?? {} };
}

/** A single nested struct; nullable ones carry an int8 marker on the wire (-1 null, 1 present). */
function struct<F extends Fields, const O extends FieldOptions<null> = FieldOptions<null>>(
  fields: F,
  options?: O,
): Field<StructOut<F> | Null<O>, StructIn<F> | Null<O>> {
  return { type: { kind: 'struct', fields }, options: options ?? {} };
}

/** The types of fields. */
export const t = {
  bool: scalar<boolean>('bool'),
  int8: scalar<number>('int8'),
  int16: scalar<number>('int16'),
  uint16: scalar<number>('uint16'),
  int32: scalar<number>('int32'),
  uint32: scalar<number>('uint32'),
  /** A number; an unsafe integer on the wire is a decode error. For offsets, timestamps, epochs that we or Kafka count up. */
  int64: scalar<number>('int64'),
  /** A number; what lies beyond the safe integers becomes the nearest one. For values that a client may choose freely. */
  clampedInt64: scalar<number>('clampedInt64'),
  /** A bigint: ids that use the whole range. */
  bigint64: scalar<bigint>('bigint64'),
  float64: scalar<number>('float64'),
  /** 22 characters of URL-safe base64. */
  uuid: scalar<string>('uuid'),
  string: scalar<string>('string'),
  bytes: scalar<Uint8Array>('bytes'),
  /** Record batches: a view when decoded; bytes, a view or a hole when encoded. */
  records: scalar<RecordsView, RecordsInput>('records'),
  array,
  struct,
};

export const ZERO_UUID = 'AAAAAAAAAAAAAAAAAAAAAA';
const NO_BYTES = new Uint8Array(0);

/** The default of a field: a fresh value each time, for structs with every nested default. */
export function defaultOf(field: Field): unknown {
  if (field.options.default !== undefined) return field.options.default;
  switch (field.type.kind) {
    case 'array':
      return [];
    case 'struct':
      return defaultStruct(field.type.fields);
    case 'string':
      return '';
    case 'uuid':
      return ZERO_UUID;
    case 'bytes':
      return NO_BYTES;
    case 'records':
      return null;
    case 'bool':
      return false;
    case 'bigint64':
      return 0n;
    default:
      return 0;
  }
}

export function defaultStruct(fields: Fields): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, defaultOf(field)]));
}

/** Whether a value to encode says the same as leaving the field out. */
export function isDefault(field: Field, value: unknown): boolean {
  if (value === undefined) return true;
  const initial = defaultOf(field);
  if (value === null || initial === null) return value === initial;
  switch (field.type.kind) {
    case 'array':
      return Array.isArray(value) && value.length === 0;
    case 'bytes':
    case 'records':
      return value instanceof Uint8Array && value.length === 0;
    case 'struct':
      return isDefaultStruct(field.type.fields, value);
    default:
      return value === initial;
  }
}

function isDefaultStruct(fields: Fields, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const values = new Map<string, unknown>(Object.entries(value));
  if (values.get('unknownTags') !== undefined) return false;
  return Object.entries(fields).every(([name, field]) => isDefault(field, values.get(name)));
}
