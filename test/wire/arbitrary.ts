/** fast-check values of a message at a version, made from its schema: what decoding may give. */
import fc from 'fast-check';
import { isFlexible, type Message } from '../../src/wire/index.js';
import { structLayout } from '../../src/wire/layout.js';
import { defaultOf, type Fields, type FieldType } from '../../src/wire/schema.js';

const uuid = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((bytes) => Buffer.from(bytes).toString('base64url'));
const text = fc.oneof(
  { weight: 5, arbitrary: fc.string({ maxLength: 12 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 60 }) },
  { weight: 1, arbitrary: fc.string({ minLength: 130, maxLength: 300 }) },
);
const bytes = fc.uint8Array({ maxLength: 200 });

function arbitraryOf(type: FieldType, version: number, flexible: boolean): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case 'bool':
      return fc.boolean();
    case 'int8':
      return fc.integer({ min: -128, max: 127 });
    case 'int16':
      return fc.integer({ min: -32768, max: 32767 });
    case 'uint16':
      return fc.nat(65535);
    case 'int32':
      return fc.integer();
    case 'uint32':
      return fc.nat(0xffffffff);
    case 'int64':
    case 'clampedInt64':
      return fc.maxSafeInteger();
    case 'bigint64':
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    case 'float64':
      return fc.double({ noNaN: true });
    case 'uuid':
      return uuid;
    case 'string':
      return text;
    case 'bytes':
    case 'records':
      return bytes;
    case 'array':
      return fc.array(arbitraryOf(type.element, version, flexible), { maxLength: 3 });
    case 'struct':
      return arbitraryStruct(type.fields, version, flexible);
  }
}

export function arbitraryStruct(fields: Fields, version: number, flexible: boolean): fc.Arbitrary<object> {
  const members: Record<string, fc.Arbitrary<unknown>> = {};
  for (const { name, field, present, nullable, compact, tag } of structLayout(fields, version, flexible)
    .all) {
    if (!present) {
      members[name] = fc.constant(defaultOf(field));
      continue;
    }
    const value = arbitraryOf(field.type, version, compact);
    const choices = [{ weight: 4, arbitrary: value }];
    if (nullable) choices.push({ weight: 1, arbitrary: fc.constant(null) });
    if (tag !== undefined) choices.push({ weight: 2, arbitrary: fc.constant(defaultOf(field)) });
    members[name] = fc.oneof(...choices);
  }
  return fc.record(members);
}

export function arbitraryMessage(message: Message, version: number): fc.Arbitrary<object> {
  return arbitraryStruct(message.fields, version, isFlexible(message, version));
}
