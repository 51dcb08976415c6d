/**
 * Generates the decoder of one message version as JavaScript source and compiles it: straight-line calls into the
 * Reader, one object literal per struct, nothing else allocated. The source is made from schema text of this program
 * only; names are quoted with JSON.stringify. A traced variant notes the field path and is compiled only after an error.
 */
import { bytesMin, type PlacedField, structLayout } from './layout.js';
import { methodName } from './method-names.js';
import type { Reader } from './reader.js';
import { defaultOf, type Field, type Fields, type FieldType } from './schema.js';

export type Decoder<T> = (reader: Reader) => T;

/** Functions of a generated module, in order of definition, and the constants it uses. */
class Source {
  readonly functions: string[] = [];
  readonly constants: unknown[] = [];

  constructor(
    readonly version: number,
    readonly traced: boolean,
  ) {}

  define(parameters: string, body: string[]): string {
    const name = `f${this.functions.length}`;
    this.functions.push(`function ${name}(${parameters}) {\n${body.join('\n')}\n}`);
    return name;
  }
  constant(value: unknown): string {
    this.constants.push(value);
    return `C[${this.constants.length - 1}]`;
  }
}

export function compileDecoder<T>(
  fields: Fields,
  version: number,
  flexible: boolean,
  traced: boolean,
): Decoder<T> {
  const source = new Source(version, traced);
  const main = structReader(source, fields, flexible, 0);
  const text = `'use strict';\n${source.functions.join('\n')}\nreturn ${main};`;
  return new Function('C', text)(source.constants) as Decoder<T>;
}

/** Defines the reader of a struct; returns its function's name. */
function structReader(source: Source, fields: Fields, flexible: boolean, depth: number): string {
  const layout = structLayout(fields, source.version, flexible);
  const local = (placed: PlacedField): string => `v${layout.all.indexOf(placed)}`;
  const trace = (name: string): string =>
    source.traced ? `r.trace(${depth}, ${JSON.stringify(name)});` : '';
  const body: string[] = [];
  for (const placed of layout.plain) {
    body.push(`${trace(placed.name)} const ${local(placed)} = ${fieldReader(source, placed, depth)};`);
  }
  if (layout.flexible && layout.tagged.length === 0) {
    body.push(`${trace('tags')} const unknown = r.skipTags();`);
  } else if (layout.flexible) {
    body.push(
      ...layout.tagged.map((placed) => `let ${local(placed)} = ${defaultSource(source, placed.field)};`),
      `let unknown; ${trace('tags')}`,
      'for (let left = r.tagCount(), tag = -1; left > 0; left--) {',
      '  tag = r.tag(tag);',
      '  switch (tag) {',
    );
    for (const placed of layout.tagged) {
      const read = fieldReader(source, placed, depth);
      body.push(
        `  case ${placed.tag}: { ${trace(placed.name)} const outer = r.enterTag(); ${local(placed)} = ${read}; r.leaveTag(outer); break; }`,
      );
    }
    body.push(`  default: ${trace('tags')} unknown = r.unknownTag(tag, unknown);`, '  }', '}');
  }
  const members = layout.all.map((placed) => {
    const value = placed.present ? local(placed) : defaultSource(source, placed.field);
    return `${JSON.stringify(placed.name)}: ${value}`;
  });
  body.push(`const o = { ${members.join(', ')} };`);
  if (layout.flexible) body.push('if (unknown !== undefined) o.unknownTags = unknown;');
  body.push('return o;');
  return source.define('r', body);
}

function fieldReader(source: Source, placed: PlacedField, depth: number): string {
  const { type } = placed.field;
  if (type.kind === 'struct' && placed.nullable && placed.tag !== undefined) {
    // In a tagged field Kafka's generator marks null by a length of 0, not by -1.
    return `(r.uvarint() === 0 ? null : ${structReader(source, type.fields, placed.compact, depth + 1)}(r))`;
  }
  return reader(source, placed.field.type, placed.nullable, placed.compact, depth);
}

/** An expression that reads one value. */
function reader(source: Source, type: FieldType, nullable: boolean, compact: boolean, depth: number): string {
  switch (type.kind) {
    case 'struct': {
      const read = `${structReader(source, type.fields, compact, depth + 1)}(r)`;
      return nullable ? `(r.int8() < 0 ? null : ${read})` : read;
    }
    case 'array':
      return `${arrayReader(source, type.element, nullable, compact, depth)}(r)`;
    default:
      return `r.${methodName(type.kind, nullable, compact)}()`;
  }
}

function arrayReader(
  source: Source,
  element: FieldType,
  nullable: boolean,
  compact: boolean,
  depth: number,
): string {
  const read = reader(source, element, false, compact, depth + 1);
  const count = compact ? 'compactArrayCount' : 'arrayCount';
  const trace = (index: string): string => (source.traced ? `r.trace(${depth + 1}, ${index});` : '');
  // The first element goes into the literal: most arrays on the hot path hold one, and `push` on [] reserves 17.
  return source.define('r', [
    `const count = r.${count}(${bytesMin(element, source.version, compact)});`,
    `if (count <= 0) { if (count === 0) return []; ${nullable ? 'return null;' : "r.fail('null where an array must be');"} }`,
    `${trace('0')} const a = [${read}];`,
    `for (let i = 1; i < count; i++) { ${trace('i')} a.push(${read}); }`,
    'return a;',
  ]);
}

/** Source of a default value; arrays and structs are fresh in each decoded message. */
export function defaultSource(source: { constant(value: unknown): string }, field: Field): string {
  const value = defaultOf(field);
  if (value === null) return 'null';
  if (field.type.kind === 'array') return '[]';
  if (field.type.kind === 'struct') {
    const members = Object.entries(field.type.fields).map(
      ([name, member]) => `${JSON.stringify(name)}: ${defaultSource(source, member)}`,
    );
    return `{ ${members.join(', ')} }`;
  }
  switch (typeof value) {
    case 'number':
    case 'boolean':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'bigint':
      return `${value}n`;
    case 'string':
      return JSON.stringify(value);
    default:
      return source.constant(value);
  }
}
