/**
 * Requests of one network thread as rows of typed arrays: nothing is allocated per request. A row belongs to the list
 * of its connection (order of arrival) until it is freed; free rows form a stack. Owned by the network thread.
 */
import { assert } from '../base/assert.js';

export const RequestState = {
  free: 0,
  /** Arrived; waits for its turn to be delivered. */
  queued: 1,
  /** With its handler. */
  delivered: 2,
  /** Answered, but an earlier request of the connection is not. */
  done: 3,
  /** With its handler, and the connection is gone. */
  orphan: 4,
} as const;

export const NONE = -1;
const ROWS_INITIAL = 256;
/** Far above connections x frames a connection may queue; reaching it means that rows leak. */
const ROWS_MAX = 16 * 1024 * 1024;

export class RequestTable {
  connection = new Int32Array(0);
  generation = new Int32Array(0);
  position = new Int32Array(0);
  length = new Int32Array(0);
  next = new Int32Array(0);
  state = new Uint8Array(0);
  used = 0;
  #free = NONE;

  constructor() {
    this.#grow(ROWS_INITIAL);
  }

  add(connection: number, generation: number, position: number, length: number): number {
    if (this.#free === NONE) this.#grow(this.state.length * 2);
    const row = this.#free;
    this.#free = this.next[row];
    this.connection[row] = connection;
    this.generation[row] = generation;
    this.position[row] = position;
    this.length[row] = length;
    this.next[row] = NONE;
    this.state[row] = RequestState.queued;
    this.used++;
    return row;
  }

  free(row: number): void {
    assert(this.state[row] !== RequestState.free, 'request freed twice');
    this.state[row] = RequestState.free;
    this.next[row] = this.#free;
    this.#free = row;
    this.used--;
  }

  #grow(rows: number): void {
    assert(rows <= ROWS_MAX, 'request rows leak');
    const from = this.state.length;
    this.connection = grown(this.connection, rows);
    this.generation = grown(this.generation, rows);
    this.position = grown(this.position, rows);
    this.length = grown(this.length, rows);
    this.next = grown(this.next, rows);
    const state = new Uint8Array(rows);
    state.set(this.state);
    this.state = state;
    for (let row = rows - 1; row >= from; row--) {
      this.next[row] = this.#free;
      this.#free = row;
    }
  }
}

/** A longer copy. */
export function grown(array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(length);
  copy.set(array);
  return copy;
}
