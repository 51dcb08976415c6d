import { randomBytes } from 'node:crypto';

/** Uniform in [0, 1). */
export function random(): number {
  return Math.random();
}

/** A random UUID as Kafka prints it: 22 characters of URL-safe base64, never starting with '-', never reserved. */
export function randomUuid(): string {
  for (;;) {
    const bytes = randomBytes(16);
    bytes[6] = (bytes[6] & 0x0f) | 0x40; // version 4
    bytes[8] = (bytes[8] & 0x3f) | 0x80; // variant
    const text = bytes.toString('base64url');
    if (!text.startsWith('-')) return text;
  }
}
