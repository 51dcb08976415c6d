/**
 * Connections of one network thread as columns of typed arrays, by the poller's index:
 *
 *   head -> done -> delivered -> delivered -> queued -> queued <- tail      (RequestTable.next)
 *                                             ^ toDeliver
 */
import { assert } from '../base/assert.js';
import { systemClock } from '../io/clock.js';
import { grown, NONE } from './request-table.js';

const ROWS_INITIAL = 64;

export class ConnectionTable {
  /** 0 = not open. */
  generation = new Int32Array(ROWS_INITIAL);
  /** Oldest and newest request without a sent answer. */
  head = new Int32Array(ROWS_INITIAL);
  tail = new Int32Array(ROWS_INITIAL);
  toDeliver = new Int32Array(ROWS_INITIAL);
  undelivered = new Int32Array(ROWS_INITIAL);
  /** Delivered and not completed. */
  inFlight = new Int32Array(ROWS_INITIAL);
  /** 1: the one in flight lets no other pass. */
  exclusive = new Int32Array(ROWS_INITIAL);
  /** mayOverlap of toDeliver; NONE = not asked yet. */
  nextOverlaps = new Int32Array(ROWS_INITIAL);
  delivering = new Int32Array(ROWS_INITIAL);
  /** 1: a close was asked for, nothing more is delivered. */
  closing = new Int32Array(ROWS_INITIAL);
  mutedByCount = new Int32Array(ROWS_INITIAL);
  /** Throttled connections only. */
  readonly #holds = new Map<number, { readonly timer: NodeJS.Timeout; readonly endMs: number }>();

  isOpen(connection: number): boolean {
    return this.generation[connection] > 0;
  }

  mayDeliver(connection: number): boolean {
    return (
      this.toDeliver[connection] !== NONE &&
      this.closing[connection] === 0 &&
      (this.#holds.size === 0 || !this.#holds.has(connection))
    );
  }

  open(connection: number, generation: number): void {
    if (connection >= this.generation.length)
      this.#grow(Math.max(connection + 1, this.generation.length * 2));
    assert(this.generation[connection] === 0, 'connection opened twice');
    this.generation[connection] = generation;
    this.head[connection] = this.tail[connection] = this.toDeliver[connection] = NONE;
    this.nextOverlaps[connection] = NONE;
    this.undelivered[connection] = this.inFlight[connection] = this.exclusive[connection] = 0;
    this.delivering[connection] = this.closing[connection] = this.mutedByCount[connection] = 0;
  }

  close(connection: number): void {
    this.generation[connection] = 0;
    this.toDeliver[connection] = NONE;
    this.release(connection);
  }

  /** Delivers nothing for `ms`; of several holds the one that ends last counts. */
  hold(connection: number, ms: number, onEnd: () => void): void {
    const endMs = systemClock.monotonicMs() + ms;
    const held = this.#holds.get(connection);
    if (held !== undefined && held.endMs >= endMs) return;
    this.release(connection);
    const timer = setTimeout(() => {
      this.#holds.delete(connection);
      onEnd();
    }, ms);
    this.#holds.set(connection, { timer, endMs });
  }

  release(connection: number): void {
    const held = this.#holds.get(connection);
    if (held === undefined) return;
    clearTimeout(held.timer);
    this.#holds.delete(connection);
  }

  *openOnes(): Generator<number> {
    for (let connection = 0; connection < this.generation.length; connection++) {
      if (this.isOpen(connection)) yield connection;
    }
  }

  #grow(rows: number): void {
    this.generation = grown(this.generation, rows);
    this.head = grown(this.head, rows);
    this.tail = grown(this.tail, rows);
    this.toDeliver = grown(this.toDeliver, rows);
    this.undelivered = grown(this.undelivered, rows);
    this.inFlight = grown(this.inFlight, rows);
    this.exclusive = grown(this.exclusive, rows);
    this.nextOverlaps = grown(this.nextOverlaps, rows);
    this.delivering = grown(this.delivering, rows);
    this.closing = grown(this.closing, rows);
    this.mutedByCount = grown(this.mutedByCount, rows);
  }
}
