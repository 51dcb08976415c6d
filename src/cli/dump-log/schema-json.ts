/** A decoded message as the JSON that Kafka's generated converters print: fields in schema order, tagged ones unless default. */
import { unreachable } from '../../base/assert.js';
import { type Fields, type FieldType, isFlexible, type Message } from '../../wire/index.js';
import { structLayout } from '../../wire/layout.js';
import { isDefault } from '../../wire/schema.js';

/** `value` is what decoding `message` at `version` gave. */
export function messageJson(message: Message, version: number, value: unknown): string {
  return structJson(message.fields, version, isFlexible(message, version), value);
}

function structJson(fields: Fields, version: number, flexible: boolean, value: unknown): string {
  const values = new Map<string, unknown>(
    typeof value === 'object' && value !== null ? Object.entries(value) : [],
  );
  const parts: string[] = [];
  for (const { name, field, present, tag } of structLayout(fields, version, flexible).all) {
    const given = values.get(name);
    if (!present || (tag !== undefined && isDefault(field, given))) continue;
    parts.push(`${JSON.stringify(name)}:${valueJson(field.type, version, flexible, given)}`);
  }
  return `{${parts.join(',')}}`;
}

function valueJson(type: FieldType, version: number, flexible: boolean, value: unknown): string {
  if (value === null || value === undefined) return 'null';
  switch (type.kind) {
    case 'struct':
      return structJson(type.fields, version, flexible, value);
    case 'array':
      if (!Array.isArray(value)) return 'null';
      return `[${value.map((element: unknown) => valueJson(type.element, version, flexible, element)).join(',')}]`;
    case 'bytes':
    case 'records':
      return value instanceof Uint8Array ? `"${Buffer.from(value).toString('base64')}"` : 'null';
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
