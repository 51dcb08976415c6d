/** Every message in every version: what is encoded decodes to the same value, and no damage does more than a WireError. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apis, metadataRecords } from '../../src/protocol/index.js';
import {
  decode,
  encode,
  type Message,
  Reader,
  type RecordsView,
  recordsBytes,
  WireError,
  Writer,
} from '../../src/wire/index.js';
import { arbitraryMessage } from '../wire/arbitrary.js';

const messages: Message[] = [
  ...apis.flatMap((api) => [api.request, api.response]),
  ...Object.values(metadataRecords),
];
const versionsOf = ({ versions: [first, last] }: Message): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

function bytesOf(message: Message, version: number, value: object): Uint8Array {
  const writer = new Writer(8);
  encode(message as Message<unknown, object>, version, writer, value);
  return writer.written().slice();
}

/** Records views become the bytes they show, as they were encoded. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Uint8Array || typeof value !== 'object' || value === null) return value;
  if ('position' in value && 'bytes' in value) return new Uint8Array(recordsBytes(value as RecordsView));
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}

describe.each(messages.map((message): [string, Message] => [message.name, message]))(
  '%s',
  (_name, message) => {
    it('round-trips in every version', () => {
      for (const version of versionsOf(message)) {
        const property = fc.property(arbitraryMessage(message, version), (value) => {
          const bytes = bytesOf(message, version, value);
          const reader = Reader.of(bytes);
          const decoded = decode(message, version, reader);
          expect(reader.remaining).toBe(0);
          expect(plain(decoded)).toEqual(value);
          expect(bytesOf(message, version, decoded as object)).toEqual(bytes);
        });
        fc.assert(property, { numRuns: 12 });
      }
    });

    it('a cut message is a WireError; a damaged one is a WireError or a value', () => {
      for (const version of versionsOf(message)) {
        const property = fc.property(
          arbitraryMessage(message, version),
          fc.nat(),
          fc.nat(255),
          (value, at, byte) => {
            const bytes = bytesOf(message, version, value);
            const step = Math.max(1, Math.floor(bytes.length / 16));
            for (let length = 0; length < bytes.length; length += step) {
              const cut = new Reader().reset(bytes, 0, length);
              expect(() => decode(message, version, cut)).toThrow(WireError);
            }
            if (bytes.length === 0) return;
            bytes[at % bytes.length] = byte;
            try {
              decode(message, version, Reader.of(bytes));
            } catch (error) {
              expect(error).toBeInstanceOf(WireError);
            }
          },
        );
        fc.assert(property, { numRuns: 4 });
      }
    });

    it('noise is a WireError or a value, and its arrays stay within the limit', () => {
      const elementsMax = 1000;
      const noise = fc.uint8Array({ minLength: 1, maxLength: 400 });
      const property = fc.property(noise, fc.constantFrom(...versionsOf(message)), (bytes, version) => {
        const reader = new Reader(elementsMax).reset(bytes, 0, bytes.length);
        try {
          decode(message, version, reader);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      });
      fc.assert(property, { numRuns: 100 });
    });
  },
);
