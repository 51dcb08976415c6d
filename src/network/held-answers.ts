/**
 * Answers that wait for earlier ones of their connection. Short ones without file ranges, the usual case when one turn
 * answers requests for several partitions, lie in one array cut into places of equal size, which are reused; the rest are
 * copied one by one. Owned by one network thread.
 */
import type { FileHole } from './answer-writer.js';
import { grown, NONE } from './request-table.js';

/** A produce answer of one partition has 60 to 100 bytes. */
const PLACE_BYTES = 256;
const PLACES_FIRST = 64;

/** null bytes: no answer frame. */
export interface HeldAnswer {
  readonly bytes: Uint8Array | null;
  readonly holes: readonly FileHole[];
  readonly close: boolean;
}

export class HeldAnswers {
  /** Bytes of short answers; see `shortAt`. */
  bytes = new Uint8Array(PLACES_FIRST * PLACE_BYTES);
  /** By request: place of its short answer. */
  #place = new Int32Array(0);
  /** By place: length of the answer in it, or the next free place. */
  #length = new Int32Array(PLACES_FIRST);
  #free = NONE;
  readonly #others = new Map<number, HeldAnswer>();

  constructor() {
    this.#link(0);
  }

  /** The bytes are copied, the ranges of the holes taken over. */
  put(
    request: number,
    bytes: Uint8Array | null,
    length: number,
    holes: readonly FileHole[],
    close: boolean,
  ): void {
    if (request >= this.#place.length) this.#growPlaces(request);
    if (bytes === null || holes.length > 0 || close || length > PLACE_BYTES) {
      this.#others.set(request, {
        bytes: bytes === null ? null : copyOf(bytes, length),
        holes: holes.map((hole) => ({ ...hole })),
        close,
      });
      return;
    }
    if (this.#free === NONE) this.#grow();
    const place = this.#free;
    this.#free = this.#length[place];
    this.#length[place] = length;
    this.#place[request] = place;
    const at = place * PLACE_BYTES;
    // By hand: for so few bytes cheaper than a view and `set`.
    for (let i = 0; i < length; i++) this.bytes[at + i] = bytes[i];
  }

  /** Where in `bytes` the request's answer lies; NONE = it is no short one. */
  shortAt(request: number): number {
    const place = request < this.#place.length ? this.#place[request] : NONE;
    return place === NONE ? NONE : place * PLACE_BYTES;
  }

  shortLength(request: number): number {
    return this.#length[this.#place[request]];
  }

  /** Takes out an answer that is no short one. */
  take(request: number): HeldAnswer | undefined {
    const held = this.#others.get(request);
    this.#others.delete(request);
    return held;
  }

  /** Lets go of a short answer, once it was sent. */
  drop(request: number): void {
    const place = this.#place[request];
    this.#place[request] = NONE;
    this.#length[place] = this.#free;
    this.#free = place;
  }

  #growPlaces(request: number): void {
    const from = this.#place.length;
    this.#place = grown(this.#place, Math.max(request + 1, 2 * from));
    this.#place.fill(NONE, from);
  }

  #grow(): void {
    const places = this.#length.length;
    const bytes = new Uint8Array(2 * this.bytes.length);
    bytes.set(this.bytes);
    this.bytes = bytes;
    this.#length = grown(this.#length, 2 * places);
    this.#link(places);
  }

  #link(from: number): void {
    for (let place = this.#length.length - 1; place >= from; place--) {
      this.#length[place] = this.#free;
      this.#free = place;
    }
  }
}

/** Not slice(): of a Buffer that is a view, and the bytes are the caller's again. */
function copyOf(bytes: Uint8Array, length: number): Uint8Array {
  const copy = new Uint8Array(length);
  copy.set(bytes.subarray(0, length));
  return copy;
}
