/** A decoded message as the JSON that Kafka's generated converters print: fields in schema order, tagged ones unless default. */
import { unreachable } from '../../base/assert.js';
import { type Fields, type FieldType, isFlexible, type Message } from '../../wire/index.js';
import { structLayout } from '../../wire/layout.js';
import { isDefault } from '../../wire/schema.js';

/** JSON of what lies inside of a field of bytes; null = print the bytes. */
export type EmbeddedJson = (field: string, bytes: Uint8Array) => string | null;

/** `value` is what decoding `message` at `version` gave. */
export function messageJson(
  message: Message,
  version: number,
  value: unknown,
  embedded: EmbeddedJson | null = null,
): string {
  return structJson(message.fields, { version, flexible: isFlexible(message, version), embedded }, value);
}

interface Context {
  readonly version: number;
  readonly flexible: boolean;
  readonly embedded: EmbeddedJson | null;
}

function structJson(fields: Fields, context: Context, value: unknown): string {
  const values = new Map<string, unknown>(
    typeof value === 'object' && value !== null ? Object.entries(value) : [],
  );
  const parts: string[] = [];
  for (const { name, field, present, tag } of structLayout(fields, context.version, context.flexible).all) {
    const given = values.get(name);
    if (!present || (tag !== undefined && isDefault(field, given))) continue;
    parts.push(`${JSON.stringify(name)}:${valueJson(name, field.type, context, given)}`);
  }
  return `{${parts.join(',')}}`;
}

function valueJson(field: string, type: FieldType, context: Context, value: unknown): string {
  if (value === null || value === undefined) return 'null';
  switch (type.kind) {
    case 'struct':
      return structJson(type.fields, context, value);
    case 'array':
      if (!Array.isArray(value)) return 'null';
      return `[${value.map((element: unknown) => valueJson(field, type.element, context, element)).join(',')}]`;
    case 'bytes':
    case 'records':
      if (!(value instanceof Uint8Array)) return 'null';
      return context.embedded?.(field, value) ?? `"${Buffer.from(value).toString('base64')}"`;
    case 'bigint64':
      return String(value);
    case 'bool':
    case 'int8':
    case 'int16':
    case 'uint16':
    case 'int32':
    case 'uint32':
    case 'int64':
    case 'clampedInt64':
    case 'float64':
    case 'uuid':
    case 'string':
      return JSON.stringify(value);
    default:
      return unreachable(type);
  }
}
