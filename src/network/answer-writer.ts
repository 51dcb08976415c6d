/**
 * Turns answers into command rows of the poller: length prefix, bytes with file ranges inserted, frames to free. Rows
 * and bytes collect until `flush`, so that a turn costs one call. Owned by the network thread.
 */
import { assert } from '../base/assert.js';
import { COMMAND_WORDS, CommandKind, CommandWord, type Poller } from '../io/poller.js';
import type { RangeToken } from '../io/segment-engine.js';

/** `length` bytes of a file are inserted before byte `at` of the answer. The range is taken over. */
export interface FileHole {
  readonly at: number;
  readonly range: RangeToken;
  readonly length: number;
}

const PREFIX_BYTES = 4;
/** Also far below a poller's outbound scratch. */
const SHORT_ANSWER_BYTES = 256;
const INT32_MAX = 0x7fff_ffff;

export class AnswerWriter {
  readonly #poller: Poller;
  readonly #rowsMax: number;
  #rows = 0;
  #cursor = 0;

  constructor(poller: Poller) {
    this.#poller = poller;
    this.#rowsMax = poller.commands.length / COMMAND_WORDS;
  }

  /** Queues one frame: 4 bytes of length, then `length` of `bytes` with the holes' ranges between. */
  answer(
    connection: number,
    generation: number,
    bytes: Uint8Array,
    length: number,
    holes: readonly FileHole[],
  ): void {
    if (holes.length === 0 && length <= SHORT_ANSWER_BYTES) {
      this.short(connection, generation, bytes, 0, length);
      return;
    }
    let total = length;
    for (const hole of holes) total += hole.length;
    assert(total <= INT32_MAX, 'answer longer than a frame can be');
    this.#prefix(connection, generation, total);
    let from = 0;
    for (const hole of holes) {
      assert(hole.at >= from && hole.at <= length, 'holes lie in order inside the answer');
      this.#bytes(connection, generation, bytes, from, hole.at);
      this.command(CommandKind.range, connection, generation, hole.range, 0, hole.length);
      from = hole.at;
    }
    this.#bytes(connection, generation, bytes, from, length);
  }

  command(kind: number, connection: number, generation: number, a = 0, b = 0, c = 0): void {
    if (this.#rows === this.#rowsMax) this.flush();
    const { commands } = this.#poller;
    const at = this.#rows++ * COMMAND_WORDS;
    commands[at] = kind;
    commands[at + CommandWord.connection] = connection;
    commands[at + CommandWord.generation] = generation;
    commands[at + CommandWord.a] = a;
    commands[at + CommandWord.b] = b;
    commands[at + CommandWord.c] = c;
  }

  /** Hands everything collected to the poller. */
  flush(): void {
    const rows = this.#rows;
    this.#rows = 0;
    this.#cursor = 0;
    if (rows > 0) this.#poller.submit(rows);
  }

  /** Room for `length` bytes in `outbound`, after a flush if need be. -1: it never fits. */
  #room(length: number): number {
    const { outbound } = this.#poller;
    // A flush needs a free row afterwards, and rows written before it must not refer to bytes written after it.
    if (this.#cursor + length > outbound.length || this.#rows === this.#rowsMax) this.flush();
    if (length > outbound.length) return -1;
    const at = this.#cursor;
    this.#cursor += length;
    return at;
  }

  /** Queues one frame of at most 256 bytes, which begin at `from`: length and bytes in one row; copied by hand, which for
   *  so few bytes is cheaper than a view and `set`. */
  short(connection: number, generation: number, bytes: Uint8Array, from: number, length: number): void {
    assert(length <= SHORT_ANSWER_BYTES, 'an answer that is not short');
    const at = this.#room(PREFIX_BYTES + length);
    const { outbound } = this.#poller;
    outbound[at] = outbound[at + 1] = 0;
    outbound[at + 2] = length >> 8;
    outbound[at + 3] = length & 0xff;
    for (let i = 0; i < length; i++) outbound[at + PREFIX_BYTES + i] = bytes[from + i];
    this.command(CommandKind.bytes, connection, generation, at, PREFIX_BYTES + length);
  }

  #prefix(connection: number, generation: number, total: number): void {
    const at = this.#room(PREFIX_BYTES);
    const { outbound } = this.#poller;
    outbound[at] = total >>> 24;
    outbound[at + 1] = (total >>> 16) & 0xff;
    outbound[at + 2] = (total >>> 8) & 0xff;
    outbound[at + 3] = total & 0xff;
    this.command(CommandKind.bytes, connection, generation, at, PREFIX_BYTES);
  }

  #bytes(connection: number, generation: number, bytes: Uint8Array, from: number, to: number): void {
    if (to === from) return;
    const part = from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to);
    const at = this.#room(part.length);
    if (at < 0) {
      this.flush();
      this.#poller.sendBuffer(connection, generation, part);
      return;
    }
    this.#poller.outbound.set(part, at);
    this.command(CommandKind.bytes, connection, generation, at, part.length);
  }
}
