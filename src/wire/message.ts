/**
 * A message of the protocol: name, key, versions, fields. `encode` and `decode` compile the code of a version on its
 * first use and keep it (per thread). Messages are values without state otherwise.
 */
import { AssertionError, assert } from '../base/assert.js';
import { compileDecoder, type Decoder } from './compile-decode.js';
import { compileEncoder, type Encoder } from './compile-encode.js';
import type { Reader } from './reader.js';
import type { Fields, FieldType, StructIn, StructOut } from './schema.js';
import { UnsupportedVersionError, WireError } from './wire-error.js';
import type { Writer } from './writer.js';

/**
 * request, response: with an API key; metadata: a KRaft record with its record key; coordinator-key, coordinator-value: of a
 * record in an internal topic, with its record type; data, header: no key.
 */
export type MessageKind =
  | 'request'
  | 'response'
  | 'metadata'
  | 'coordinator-key'
  | 'coordinator-value'
  | 'data'
  | 'header';

export interface Message<out Out = unknown, in In = never> {
  readonly name: string;
  readonly kind: MessageKind;
  readonly key: number | null;
  /** First and last version, inclusive. */
  readonly versions: readonly [number, number];
  /** First flexible version, null = never. */
  readonly flexible: number | null;
  /** The newest version is not yet final in Kafka and is not advertised. */
  readonly latestVersionUnstable: boolean;
  readonly fields: Fields;
  /** Compiled code by version; filled on first use. */
  readonly decoders: readonly (Decoder<Out> | undefined)[];
  readonly encoders: readonly (Encoder<In> | undefined)[];
}

/** What decoding a message gives. */
export type Infer<M> = M extends Message<infer Out, infer _> ? Out : never;
/** What encoding a message accepts. */
export type InferInput<M> = M extends Message<infer _, infer In> ? In : never;

export interface MessageSpec<F extends Fields> {
  name: string;
  kind: MessageKind;
  key?: number;
  versions: readonly [number, number];
  /** First flexible version; leave out = never flexible. */
  flexible?: number;
  latestVersionUnstable?: true;
  fields: F;
}

export function defineMessage<const F extends Fields>(
  spec: MessageSpec<F>,
): Message<StructOut<F>, StructIn<F>> {
  const [first, last] = spec.versions;
  assert(first >= 0 && last >= first, `${spec.name} has no versions`);
  checkFields(spec.name, spec.fields);
  return {
    name: spec.name,
    kind: spec.kind,
    key: spec.key ?? null,
    versions: spec.versions,
    flexible: spec.flexible ?? null,
    latestVersionUnstable: spec.latestVersionUnstable ?? false,
    fields: spec.fields,
    decoders: Array.from({ length: last + 1 }, () => undefined),
    encoders: Array.from({ length: last + 1 }, () => undefined),
  };
}

/** Rules that the compilers rely on. */
function checkFields(path: string, fields: Fields): void {
  for (const [name, { type, options }] of Object.entries(fields)) {
    const place = `${path}.${name}`;
    assert(name !== 'unknownTags', `${place}: the name is taken`);
    assert(options.tag === undefined || !hasRecords(type), `${place}: records cannot lie in a tagged field`);
    assert(
      options.default !== null || options.nullable !== undefined,
      `${place}: default null but never nullable`,
    );
    const inner = type.kind === 'array' ? type.element : type;
    if (inner.kind === 'struct') checkFields(place, inner.fields);
  }
}

function hasRecords(type: FieldType): boolean {
  if (type.kind === 'array') return hasRecords(type.element);
  if (type.kind === 'struct') return Object.values(type.fields).some((field) => hasRecords(field.type));
  return type.kind === 'records';
}

export function isFlexible(message: Message, version: number): boolean {
  return message.flexible !== null && version >= message.flexible;
}

/** Whether the schema defines the version. */
export function hasVersion(message: Message, version: number): boolean {
  return version >= message.versions[0] && version <= message.versions[1];
}

/**
 * Reads one message from the reader's position and leaves it behind its last byte; bytes may remain.
 * Throws WireError for bad bytes, UnsupportedVersionError for a version outside of the schema.
 */
export function decode<Out>(message: Message<Out>, version: number, reader: Reader): Out {
  const decoder = message.decoders[version] ?? makeDecoder(message, version);
  const { position, end, elementsLeft } = reader;
  try {
    return decoder(reader);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    // Once more, slowly, with the path noted; the reader ends where the error is, but its window is whole again.
    reader.position = position;
    reader.end = end;
    reader.elementsLeft = elementsLeft;
    throw locateDecodeError(message, version, reader, error);
  }
}

function locateDecodeError(message: Message, version: number, reader: Reader, error: WireError): WireError {
  const { end } = reader;
  reader.path.length = 0;
  try {
    tracedDecoder(message, version)(reader);
  } catch (again) {
    if (!(again instanceof WireError)) throw again;
  } finally {
    reader.end = end;
  }
  return error.locate(`${message.name} v${version}`, pathText(reader.path));
}

/** Kept: whoever sends garbage again and again must not make us compile each time. */
const tracedDecoders = new WeakMap<Message, Map<number, Decoder<unknown>>>();

function tracedDecoder(message: Message, version: number): Decoder<unknown> {
  const byVersion = tracedDecoders.get(message) ?? new Map<number, Decoder<unknown>>();
  tracedDecoders.set(message, byVersion);
  const decoder =
    byVersion.get(version) ?? compileDecoder(message.fields, version, isFlexible(message, version), true);
  byVersion.set(version, decoder);
  return decoder;
}

/**
 * Appends one message to the writer. Throws UnsupportedVersionError when the version is not in the schema or cannot
 * carry a value; a value of the wrong type or range is an AssertionError that names the field.
 */
export function encode<In>(message: Message<unknown, In>, version: number, writer: Writer, value: In): void {
  const encoder = message.encoders[version] ?? makeEncoder(message, version);
  const { position, holeCount, holeBytes } = writer;
  try {
    encoder(writer, value);
  } catch (error) {
    writer.position = position;
    writer.holeCount = holeCount;
    writer.holeBytes = holeBytes;
    throw locateEncodeError(message, version, writer, value, error);
  }
}

function locateEncodeError<In>(
  message: Message<unknown, In>,
  version: number,
  writer: Writer,
  value: In,
  error: unknown,
): unknown {
  if (error instanceof UnsupportedVersionError || !(error instanceof Error)) return error;
  const { position, holeCount, holeBytes } = writer;
  writer.path.length = 0;
  try {
    compileEncoder<In>(
      message.name,
      message.fields,
      version,
      isFlexible(message, version),
      true,
    )(writer, value);
  } catch (again) {
    if (!(again instanceof Error)) return again;
  } finally {
    writer.position = position;
    writer.holeCount = holeCount;
    writer.holeBytes = holeBytes;
  }
  const place = `${message.name} v${version}, ${pathText(writer.path)}`;
  return new AssertionError(`${place}: ${error.message}`, { cause: error });
}

function pathText(path: readonly (string | number)[]): string {
  return path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`))
    .join('');
}

function checkVersion(message: Message, version: number): void {
  if (hasVersion(message, version) && Number.isInteger(version)) return;
  throw new UnsupportedVersionError(message.name, version, '', `versions are ${message.versions.join('-')}`);
}

function makeDecoder<Out>(message: Message<Out>, version: number): Decoder<Out> {
  checkVersion(message, version);
  const decoder = compileDecoder<Out>(message.fields, version, isFlexible(message, version), false);
  (message.decoders as (Decoder<Out> | undefined)[])[version] = decoder;
  return decoder;
}

function makeEncoder<In>(message: Message<unknown, In>, version: number): Encoder<In> {
  checkVersion(message, version);
  const encoder = compileEncoder<In>(
    message.name,
    message.fields,
    version,
    isFlexible(message, version),
    false,
  );
  (message.encoders as (Encoder<In> | undefined)[])[version] = encoder;
  return encoder;
}
