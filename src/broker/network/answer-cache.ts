/**
 * Answers that depend on nothing but the request's bytes, the listener and the metadata seen here: the same bytes get the
 * same answer until that changes, with another correlation id. Direct-mapped by a hash of the body, which is compared
 * in full: a collision costs one answer made anew, nothing else. One per network thread.
 */

const SLOTS = 256;
/** Longer requests (a thousand topics by name) are answered anew each time. */
const BODY_BYTES_MAX = 64 * 1024;
const ANSWER_BYTES_MAX = 1024 * 1024;
/** Of all bodies and answers kept; beyond it everything is forgotten. */
const BYTES_MAX = 4 * 1024 * 1024;
const FNV_PRIME = 0x01000193;

interface KnownAnswer {
  /** (key << 16) | version */
  readonly api: number;
  readonly listener: string;
  readonly body: DataView;
  readonly answer: Uint8Array;
}

export class AnswerCache {
  private readonly slots: (KnownAnswer | undefined)[] = Array.from({ length: SLOTS }, () => undefined);
  private revision = -1;
  private bytes = 0;
  private slab: Uint8Array = new Uint8Array(0);
  private view = new DataView(this.slab.buffer);
  /** The request last asked for: where a new answer goes. */
  private slot = 0;
  private api = 0;
  private listener = '';
  private from = 0;
  private end = 0;

  /**
   * The answer to a request whose body is slab[from, end); its first 4 bytes are the correlation id, for the caller to
   * set. undefined: not known. `revision` differs whenever what answers are made of has changed.
   */
  find(
    slab: Uint8Array,
    from: number,
    end: number,
    api: number,
    listener: string,
    revision: number,
  ): Uint8Array | undefined {
    if (slab !== this.slab) {
      this.slab = slab;
      this.view = new DataView(slab.buffer, slab.byteOffset, slab.byteLength);
    }
    if (revision !== this.revision) this.clear(revision);
    this.api = api;
    this.listener = listener;
    this.from = from;
    this.end = end;
    if (end - from > BODY_BYTES_MAX) return undefined;
    this.slot = hashOf(this.view, from, end, api) & (SLOTS - 1);
    const known = this.slots[this.slot];
    if (known === undefined || known.api !== api || known.listener !== listener) return undefined;
    return same(known.body, this.view, from, end) ? known.answer : undefined;
  }

  /** Keeps a copy of the answer to the request last asked for, whose bytes still lie where they did. */
  keep(answer: Uint8Array): void {
    const { from, end, slot, api, listener } = this;
    if (end - from > BODY_BYTES_MAX || answer.length > ANSWER_BYTES_MAX) return;
    if (this.bytes + (end - from) + answer.length > BYTES_MAX) this.clear(this.revision);
    const old = this.slots[slot];
    if (old !== undefined) this.bytes -= old.body.byteLength + old.answer.length;
    const body = new DataView(copyOf(this.slab.subarray(from, end)).buffer);
    this.slots[slot] = { api, listener, body, answer: copyOf(answer) };
    this.bytes += body.byteLength + answer.length;
  }

  private clear(revision: number): void {
    this.revision = revision;
    this.slots.fill(undefined);
    this.bytes = 0;
  }
}

/** Not slice(): of a Buffer that is a view. */
function copyOf(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  return copy;
}

function hashOf(view: DataView, from: number, end: number, api: number): number {
  let hash = api ^ (end - from);
  let at = from;
  for (; at + 4 <= end; at += 4) hash = Math.imul(hash ^ view.getInt32(at), FNV_PRIME);
  for (; at < end; at++) hash = Math.imul(hash ^ view.getUint8(at), FNV_PRIME);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 16);
}

/** All of `body` equals view[from, end). */
function same(body: DataView, view: DataView, from: number, end: number): boolean {
  const length = end - from;
  if (body.byteLength !== length) return false;
  let at = 0;
  for (; at + 4 <= length; at += 4) if (body.getInt32(at) !== view.getInt32(from + at)) return false;
  for (; at < length; at++) if (body.getUint8(at) !== view.getUint8(from + at)) return false;
  return true;
}
