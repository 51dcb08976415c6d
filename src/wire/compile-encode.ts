/**
 * Generates the encoder of one message version, as compile-decode.ts does for decoders. A missing field takes its
 * default; a value that the version cannot carry throws UnsupportedVersionError unless the field is ignorable.
 */
import { defaultSource } from './compile-decode.js';
import { type PlacedField, structLayout } from './layout.js';
import { methodName } from './method-names.js';
import { defaultOf, type Field, type Fields, type FieldType, isDefault } from './schema.js';
import { UnsupportedVersionError } from './wire-error.js';
import type { Writer } from './writer.js';

export type Encoder<T> = (writer: Writer, value: T) => void;

class Source {
  readonly functions: string[] = [];
  readonly constants: unknown[] = [isDefault];

  constructor(
    readonly messageName: string,
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
  /** A statement that refuses the value of a field. */
  refuse(path: string, what: string): string {
    const { messageName, version } = this;
    const refusal = (): never => {
      throw new UnsupportedVersionError(messageName, version, path, what);
    };
    return `${this.constant(refusal)}();`;
  }
}

export function compileEncoder<T>(
  messageName: string,
  fields: Fields,
  version: number,
  flexible: boolean,
  traced: boolean,
): Encoder<T> {
  const source = new Source(messageName, version, traced);
  const main = structWriter(source, fields, flexible, 0, '');
  const text = `'use strict';\n${source.functions.join('\n')}\nreturn ${main};`;
  return new Function('C', text)(source.constants) as Encoder<T>;
}

function structWriter(
  source: Source,
  fields: Fields,
  flexible: boolean,
  depth: number,
  prefix: string,
): string {
  const layout = structLayout(fields, source.version, flexible);
  const trace = (name: string): string =>
    source.traced ? `w.trace(${depth}, ${JSON.stringify(name)});` : '';
  const body: string[] = [];
  for (const placed of layout.all.filter((each) => !each.present && each.field.options.ignorable !== true)) {
    const get = `o[${JSON.stringify(placed.name)}]`;
    const refusal = source.refuse(prefix + placed.name, 'the field does not exist in this version');
    body.push(`if (!${isDefaultSource(source, placed.field, get)}) ${refusal}`);
  }
  for (const placed of layout.plain) {
    const fallback = encodedDefault(source, placed);
    body.push(
      `{ ${trace(placed.name)} let x = o[${JSON.stringify(placed.name)}];`,
      `if (x === undefined) x = ${fallback};`,
      `${fieldWriter(source, placed, depth, prefix)} }`,
    );
  }
  if (layout.flexible) body.push(...tagSection(source, layout.tagged, depth, prefix));
  return source.define('w, o', body);
}

/** Missing structs are written field by field from an empty object. */
function encodedDefault(source: Source, placed: PlacedField): string {
  if (placed.field.type.kind === 'struct' && defaultOf(placed.field) !== null) return '{}';
  return defaultSource(source, placed.field);
}

function tagSection(source: Source, tagged: readonly PlacedField[], depth: number, prefix: string): string[] {
  const body = ['const u = o.unknownTags; let n = u === undefined ? 0 : u.length;'];
  if (tagged.length === 0) {
    return [...body, 'w.uvarint(n); if (u !== undefined) w.unknownTags(u, 0, Infinity);'];
  }
  tagged.forEach((placed, index) => {
    body.push(
      `const t${index} = o[${JSON.stringify(placed.name)}];`,
      `const d${index} = ${writtenCondition(source, placed, `t${index}`)}; if (d${index}) n++;`,
    );
  });
  body.push('w.uvarint(n); if (n === 0) return;', 'let k = 0;');
  tagged.forEach((placed, index) => {
    body.push(
      `if (u !== undefined) k = w.unknownTags(u, k, ${placed.tag});`,
      `if (d${index}) { ${source.traced ? `w.trace(${depth}, ${JSON.stringify(placed.name)});` : ''}`,
      `const s = w.beginTag(${placed.tag}); const x = t${index};`,
      `${fieldWriter(source, placed, depth, prefix)} w.endTag(s); }`,
    );
  });
  body.push('if (u !== undefined) w.unknownTags(u, k, Infinity);');
  return body;
}

/**
 * An expression: `value` is missing or the field's default, as `isDefault` says. Spelled out, because an answer of an old
 * version asks it for every newer field of every element.
 */
function isDefaultSource(source: Source, field: Field, value: string): string {
  const { type } = field;
  const initial = defaultOf(field);
  if (type.kind === 'bytes' || type.kind === 'records') return `C[0](${source.constant(field)}, ${value})`;
  if (initial === null) return `(${value} === undefined || ${value} === null)`;
  switch (type.kind) {
    case 'array':
      return `(${value} === undefined || (${value} !== null && ${value}.length === 0))`;
    case 'struct': {
      const tests = Object.entries(type.fields).map(
        ([name, inner]) => ` && ${isDefaultSource(source, inner, `v[${JSON.stringify(name)}]`)}`,
      );
      const body = `return v === undefined || (v !== null && v.unknownTags === undefined${tests.join('')});`;
      return `${source.define('v', [body])}(${value})`;
    }
    default:
      return `(${value} === undefined || ${value} === ${defaultSource(source, field)})`;
  }
}

/** An expression: the tagged field differs from its default. */
function writtenCondition(source: Source, placed: PlacedField, value: string): string {
  const kind = placed.field.type.kind;
  if (kind === 'struct' || kind === 'array' || kind === 'bytes' || kind === 'records') {
    return `!${isDefaultSource(source, placed.field, value)}`;
  }
  return `${value} !== undefined && ${value} !== ${defaultSource(source, placed.field)}`;
}

/** Statements that write local `x`. */
function fieldWriter(source: Source, placed: PlacedField, depth: number, prefix: string): string {
  const path = prefix + placed.name;
  const mayBeNull = placed.field.options.nullable !== undefined || defaultOf(placed.field) === null;
  const guard =
    mayBeNull && !placed.nullable
      ? `if (x === null) ${source.refuse(path, 'null is not allowed in this version')} `
      : '';
  const { type } = placed.field;
  if (type.kind === 'struct' && placed.nullable && placed.tag !== undefined) {
    // In a tagged field Kafka's generator marks null by a length of 0, not by -1.
    const write = `${structWriter(source, type.fields, placed.compact, depth + 1, `${path}.`)}(w, x);`;
    return `${guard}if (x === null) w.uvarint(0); else { w.uvarint(1); ${write} }`;
  }
  return guard + writer(source, placed.field.type, placed.nullable, placed.compact, depth, path, 'x');
}

function writer(
  source: Source,
  type: FieldType,
  nullable: boolean,
  compact: boolean,
  depth: number,
  path: string,
  value: string,
): string {
  switch (type.kind) {
    case 'struct': {
      const write = `${structWriter(source, type.fields, compact, depth + 1, `${path}.`)}(w, ${value});`;
      return nullable ? `if (${value} === null) w.int8(-1); else { w.int8(1); ${write} }` : write;
    }
    case 'array': {
      const count = compact ? 'compactArrayCount' : 'arrayCount';
      const write = `${arrayWriter(source, type.element, compact, depth, path)}(w, ${value});`;
      return nullable ? `if (${value} === null) w.${count}(-1); else ${write}` : write;
    }
    default:
      return `w.${methodName(type.kind, nullable, compact)}(${value});`;
  }
}

function arrayWriter(
  source: Source,
  element: FieldType,
  compact: boolean,
  depth: number,
  path: string,
): string {
  const trace = source.traced ? `w.trace(${depth + 1}, i);` : '';
  return source.define('w, a', [
    `w.${compact ? 'compactArrayCount' : 'arrayCount'}(a.length);`,
    `for (let i = 0; i < a.length; i++) { ${trace} ${writer(source, element, false, compact, depth + 1, path, 'a[i]')} }`,
  ]);
}
