/** A schema at one version: which fields are there, in which encoding. What the compilers and the conformance test read. */
import { assert } from '../base/assert.js';
import type { Field, Fields, FieldType } from './schema.js';

export interface PlacedField {
  readonly name: string;
  readonly field: Field;
  readonly present: boolean;
  /** null is allowed in this version. */
  readonly nullable: boolean;
  /** Compact encoding. */
  readonly compact: boolean;
  /** Present as a tagged field, with this tag. */
  readonly tag: number | undefined;
}

export interface StructLayout {
  /** Every field of the schema, in schema order. */
  readonly all: readonly PlacedField[];
  /** Untagged fields of this version in wire order. */
  readonly plain: readonly PlacedField[];
  /** Tagged fields of this version by ascending tag. */
  readonly tagged: readonly PlacedField[];
  /** A section of tagged fields ends the struct. */
  readonly flexible: boolean;
}

export function structLayout(fields: Fields, version: number, flexible: boolean): StructLayout {
  const all = Object.entries(fields).map(([name, field]) => place(name, field, version, flexible));
  const here = all.filter((placed) => placed.present);
  const tagged = here.filter((placed) => placed.tag !== undefined);
  return {
    all,
    plain: here.filter((placed) => placed.tag === undefined),
    tagged: tagged.sort((a, b) => (a.tag ?? 0) - (b.tag ?? 0)),
    flexible,
  };
}

function place(name: string, field: Field, version: number, flexible: boolean): PlacedField {
  const { since = 0, until = Number.POSITIVE_INFINITY, nullable, tag } = field.options;
  const present = version >= since && version <= until;
  assert(
    !(present && tag !== undefined && !flexible),
    `${name} is tagged in v${version}, which is not flexible`,
  );
  return {
    name,
    field,
    present,
    nullable: nullable !== undefined && version >= nullable,
    compact: flexible && field.options.flexible !== 'never',
    tag: present ? tag : undefined,
  };
}

/** Fewest bytes a value of the type can take: what array counts are checked against. At least 1. */
export function bytesMin(type: FieldType, version: number, flexible: boolean): number {
  switch (type.kind) {
    case 'bool':
    case 'int8':
      return 1;
    case 'int16':
    case 'uint16':
      return 2;
    case 'int32':
    case 'uint32':
      return 4;
    case 'int64':
    case 'clampedInt64':
    case 'bigint64':
    case 'float64':
      return 8;
    case 'uuid':
      return 16;
    case 'string':
      return flexible ? 1 : 2;
    case 'bytes':
    case 'records':
    case 'array':
      return flexible ? 1 : 4;
    case 'struct':
      return structBytesMin(type.fields, version, flexible);
  }
}

function structBytesMin(fields: Fields, version: number, flexible: boolean): number {
  let sum = flexible ? 1 : 0;
  for (const { field, nullable, compact } of structLayout(fields, version, flexible).plain) {
    const marked = nullable && field.type.kind === 'struct';
    sum += marked ? 1 : bytesMin(field.type, version, compact);
  }
  return Math.max(1, sum);
}
