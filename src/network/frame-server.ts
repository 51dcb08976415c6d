/**
 * Requests and ordered answers on top of a Poller (the part of Kafka's SocketServer and RequestChannel above the
 * selector). Gives each frame a number, delivers it, and sends the answers of a connection in the order of its requests
 * whatever the order of completion. Knows no API. Owned by one network thread.
 *
 * Kafka handles one request of a connection at a time. Relaxed here: frames for which `mayOverlap` says yes (Produce)
 * are delivered although earlier such frames are not answered. Any other frame waits until everything before it is
 * completed, and holds up everything behind it.
 *
 * When the peer closes, what it had sent before is still delivered (a producer with acks=0 sends and goes), then
 * `onClosed` is called; answers to these requests are thrown away.
 */
import { assert } from '../base/assert.js';
import { CloseReason, CommandKind, EVENT_WORDS, EventKind, EventWord, type Poller } from '../io/poller.js';
import type { SegmentEngine } from '../io/segment-engine.js';
import { AnswerWriter, type FileHole } from './answer-writer.js';
import { ConnectionTable } from './connection-table.js';
import { HeldAnswers } from './held-answers.js';
import { NONE, RequestState, RequestTable } from './request-table.js';

/** Undelivered frames of one connection before its reading stops; it goes on at half. */
export const UNDELIVERED_FRAMES_MAX = 256;

export const CloseWhen = { answersSent: 0, now: 1 } as const;

export interface FrameServerOptions {
  slab: Uint8Array;
  /** Receives the dropped ranges of connections that went away. */
  engine: SegmentEngine;
  /** Called once, from the constructor. */
  makePoller(onTurn: (count: number) => void, onWake: () => void): Poller;
  /** The frame lies at [position, position + length) of the slab until the request is completed. */
  onRequest(request: number, connection: number, position: number, length: number): void;
  /** Asked once for a request, before its delivery. */
  mayOverlap(request: number): boolean;
  onOpened(connection: number, listener: number): void;
  /** reason: CloseReason; detail: errno, or the length of a bad frame. The number may be reused afterwards. */
  onClosed(connection: number, reason: number, detail: number): void;
  /** Connections refused before they opened: reason limit (detail = how many) or error (detail = errno). */
  onRefused?(reason: number, detail: number): void;
  onWake?(): void;
  /**
   * Frames may have been handed out, by whatever way the thread came here: a turn, a wake, an answer of another thread,
   * a timer. For work that is put off until then; answers given now leave at once.
   */
  onTurnEnd?(): void;
  undeliveredFramesMax?: number;
}

const NO_HOLES: readonly FileHole[] = [];

export class FrameServer {
  readonly poller: Poller;
  readonly #options: FrameServerOptions;
  readonly #undeliveredMax: number;
  readonly #writer: AnswerWriter;
  readonly #requests = new RequestTable();
  readonly #connections = new ConnectionTable();
  readonly #held = new HeldAnswers();
  #inTurn = false;
  #flushScheduled = false;
  #closed = false;

  constructor(options: FrameServerOptions) {
    this.#options = options;
    this.#undeliveredMax = options.undeliveredFramesMax ?? UNDELIVERED_FRAMES_MAX;
    this.poller = options.makePoller(
      (count) => this.#onTurn(count),
      () => this.#onWake(),
    );
    this.#writer = new AnswerWriter(this.poller);
  }

  /** The frame's bytes: a view into the slab, valid until the request is completed. */
  frameBytes(request: number): Uint8Array {
    const position = this.#requests.position[request];
    return this.#options.slab.subarray(position, position + this.#requests.length[request]);
  }
  /** Where its bytes begin in the slab, for who looks at a few of them only. */
  framePosition(request: number): number {
    return this.#requests.position[request];
  }
  frameLength(request: number): number {
    return this.#requests.length[request];
  }
  connectionOf(request: number): number {
    return this.#requests.connection[request];
  }
  /** Tells the lives of a connection's number apart; 0 = it is not open. */
  lifeOf(connection: number): number {
    return this.#connections.generation[connection] ?? 0;
  }
  /** False once the connection is gone: the answer would be thrown away. */
  isAlive(request: number): boolean {
    return this.#requests.state[request] !== RequestState.orphan;
  }
  /** Requests that are not answered yet. */
  get requestsOpen(): number {
    return this.#requests.used;
  }

  /**
   * Answers a request with the first `length` of `bytes`; the 4-byte length is added here. null = no answer frame
   * (acks=0). The bytes are the caller's again on return, the ranges of `holes` are taken over. May be called in any
   * order, at any time, once a request.
   */
  complete(
    request: number,
    bytes: Uint8Array | null,
    holes: readonly FileHole[] = NO_HOLES,
    length = bytes === null ? 0 : bytes.length,
  ): void {
    this.#finish(request, bytes, length, holes, false);
  }

  /** No answer: closes the request's connection after the answers to its earlier requests. */
  closeRequest(request: number): void {
    this.#finish(request, null, 0, NO_HOLES, true);
  }

  /** CloseWhen. Its requests stay with their handlers until completed; `onClosed` follows. */
  closeConnection(connection: number, when: number = CloseWhen.now): void {
    const table = this.#connections;
    if (!table.isOpen(connection)) return;
    table.closing[connection] = 1;
    this.#writer.command(CommandKind.close, connection, table.generation[connection], when);
    this.#scheduleFlush();
  }

  /** Throttle: nothing is read from the connection or delivered for `ms`; answers still leave. */
  mute(connection: number, ms: number): void {
    const table = this.#connections;
    if (!table.isOpen(connection) || ms <= 0) return;
    const wait = Math.ceil(ms);
    this.#writer.command(CommandKind.mute, connection, table.generation[connection], wait);
    table.hold(connection, wait, () => {
      this.#deliver(connection);
      this.#scheduleFlush();
    });
    this.#scheduleFlush();
  }

  /** Sends what is due. Called by itself at the end of turns and wakes, and as a microtask otherwise. */
  endTurn(): void {
    if (this.#closed) return;
    this.#inTurn = true; // answers given now leave with the flush below
    this.#options.onTurnEnd?.();
    this.#inTurn = false;
    this.#writer.flush();
  }

  /** Closes the poller. Requests still with their handlers may be completed afterwards, to no effect. */
  close(): void {
    if (this.#closed) return;
    this.#writer.flush();
    this.#closed = true;
    for (const connection of this.#connections.openOnes()) this.#abandon(connection, false);
    this.poller.close();
  }

  #onTurn(count: number): void {
    const { events } = this.poller;
    this.#inTurn = true;
    for (let at = 0; at < count * EVENT_WORDS && !this.#closed; at += EVENT_WORDS) {
      const connection = events[at + EventWord.connection];
      const generation = events[at + EventWord.generation];
      const a = events[at + EventWord.a];
      const b = events[at + EventWord.b];
      switch (events[at]) {
        case EventKind.frame:
          this.#arrived(connection, generation, a, b);
          break;
        case EventKind.opened:
          this.#connections.open(connection, generation);
          this.#options.onOpened(connection, a);
          break;
        case EventKind.closed:
          if (connection < 0) this.#options.onRefused?.(a, events[at + EventWord.c]);
          else this.#gone(connection, a, events[at + EventWord.c]);
          break;
        default:
          assert(false, `event kind ${events[at]}`);
      }
    }
    this.endTurn();
  }

  #onWake(): void {
    this.#inTurn = true;
    this.#options.onWake?.();
    this.endTurn();
  }

  #scheduleFlush(): void {
    if (this.#inTurn || this.#flushScheduled || this.#closed) return;
    this.#flushScheduled = true;
    queueMicrotask(() => {
      this.#flushScheduled = false;
      this.endTurn();
    });
  }

  #arrived(connection: number, generation: number, position: number, length: number): void {
    const table = this.#connections;
    assert(table.generation[connection] === generation, 'frame of a connection that is not open');
    const request = this.#requests.add(connection, generation, position, length);
    if (table.head[connection] === NONE) table.head[connection] = request;
    else this.#requests.next[table.tail[connection]] = request;
    table.tail[connection] = request;
    if (table.toDeliver[connection] === NONE) table.toDeliver[connection] = request;
    table.undelivered[connection]++;
    this.#deliver(connection);
    if (table.undelivered[connection] >= this.#undeliveredMax && table.mutedByCount[connection] === 0) {
      table.mutedByCount[connection] = 1;
      this.#writer.command(CommandKind.mute, connection, generation, 0);
    }
  }

  /** Hands out as many of the connection's frames as the order rule allows. */
  #deliver(connection: number): void {
    const table = this.#connections;
    // complete() may be called inside onRequest and come here again: the loop below goes on by itself.
    if (table.delivering[connection] === 1) return;
    table.delivering[connection] = 1;
    const { generation } = table;
    const life = generation[connection];
    try {
      while (table.mayDeliver(connection)) {
        const request = table.toDeliver[connection];
        let overlap = table.nextOverlaps[connection];
        if (overlap === NONE) {
          overlap = this.#options.mayOverlap(request) ? 1 : 0;
          table.nextOverlaps[connection] = overlap;
        }
        if (table.inFlight[connection] > 0 && (table.exclusive[connection] === 1 || overlap === 0)) break;
        table.toDeliver[connection] = this.#requests.next[request];
        table.nextOverlaps[connection] = NONE;
        table.undelivered[connection]--;
        table.inFlight[connection]++;
        table.exclusive[connection] = 1 - overlap;
        this.#requests.state[request] = RequestState.delivered;
        this.#unmuteByCount(connection);
        this.#hand(request);
      }
    } finally {
      if (table.generation[connection] === life) table.delivering[connection] = 0;
    }
  }

  #hand(request: number): void {
    const { connection, position, length } = this.#requests;
    this.#options.onRequest(request, connection[request], position[request], length[request]);
  }

  #unmuteByCount(connection: number): void {
    const table = this.#connections;
    if (table.mutedByCount[connection] === 0) return;
    if (table.undelivered[connection] > this.#undeliveredMax / 2) return;
    table.mutedByCount[connection] = 0;
    this.#writer.command(CommandKind.unmute, connection, table.generation[connection]);
    this.#scheduleFlush();
  }

  #finish(
    request: number,
    bytes: Uint8Array | null,
    length: number,
    holes: readonly FileHole[],
    close: boolean,
  ): void {
    const state = this.#requests.state[request];
    if (state === RequestState.orphan) {
      this.#dropHoles(holes);
      this.#release(request);
      this.#scheduleFlush();
      return;
    }
    assert(state === RequestState.delivered, 'a request is completed once, after its delivery');
    const connection = this.#requests.connection[request];
    this.#connections.inFlight[connection]--;
    if (this.#connections.head[connection] === request) {
      this.#send(request, bytes, length, holes, close);
      this.#sendHeld(connection);
    } else {
      this.#requests.state[request] = RequestState.done;
      this.#held.put(request, bytes, length, holes, close);
    }
    this.#deliver(connection);
    this.#scheduleFlush();
  }

  /** Answers that waited for the one just sent. */
  #sendHeld(connection: number): void {
    for (;;) {
      const request = this.#connections.head[connection];
      if (request === NONE || this.#requests.state[request] !== RequestState.done) return;
      const at = this.#held.shortAt(request);
      if (at !== NONE) {
        this.#sendShort(request, at);
        continue;
      }
      const held = this.#held.take(request);
      assert(held !== undefined, 'a completed request has an answer');
      this.#send(request, held.bytes, held.bytes?.length ?? 0, held.holes, held.close);
    }
  }

  /** The oldest request of its connection, whose answer lies at `at` of the held ones. */
  #sendShort(request: number, at: number): void {
    const connection = this.#requests.connection[request];
    const generation = this.#requests.generation[request];
    this.#unlinkHead(request, connection);
    this.#writer.short(connection, generation, this.#held.bytes, at, this.#held.shortLength(request));
    this.#held.drop(request);
    this.#release(request);
  }

  #unlinkHead(request: number, connection: number): void {
    const table = this.#connections;
    table.head[connection] = this.#requests.next[request];
    if (table.head[connection] === NONE) table.tail[connection] = NONE;
  }

  /** The oldest request of its connection: sends its answer and lets go of the frame. */
  #send(
    request: number,
    bytes: Uint8Array | null,
    length: number,
    holes: readonly FileHole[],
    close: boolean,
  ): void {
    const table = this.#connections;
    const connection = this.#requests.connection[request];
    const generation = this.#requests.generation[request];
    this.#unlinkHead(request, connection);
    if (bytes !== null) this.#writer.answer(connection, generation, bytes, length, holes);
    else this.#dropHoles(holes);
    this.#release(request);
    if (close) {
      table.closing[connection] = 1;
      this.#writer.command(CommandKind.close, connection, generation, CloseWhen.answersSent);
    }
  }

  #release(request: number): void {
    if (!this.#closed) this.#writer.command(CommandKind.freeFrame, 0, 0, this.#requests.position[request]);
    this.#requests.free(request);
  }

  #dropHoles(holes: readonly FileHole[]): void {
    for (const hole of holes) this.#options.engine.dropRange(hole.range);
  }

  #gone(connection: number, reason: number, detail: number): void {
    assert(this.#connections.isOpen(connection), 'a connection closes once');
    const byPeer = reason === CloseReason.peer || reason === CloseReason.error;
    this.#abandon(connection, byPeer && this.#connections.closing[connection] === 0);
    this.#options.onClosed(connection, reason, detail);
  }

  /** Takes the connection's requests apart: answered ones are freed, delivered ones become orphans. */
  #abandon(connection: number, deliverRest: boolean): void {
    let request = this.#connections.head[connection];
    this.#connections.close(connection);
    while (request !== NONE) {
      const next = this.#requests.next[request];
      const state = this.#requests.state[request];
      if (state === RequestState.delivered) {
        this.#requests.state[request] = RequestState.orphan;
      } else if (state === RequestState.done) {
        if (this.#held.shortAt(request) !== NONE) this.#held.drop(request);
        else this.#dropHoles(this.#held.take(request)?.holes ?? NO_HOLES);
        this.#release(request);
      } else if (deliverRest) {
        this.#requests.state[request] = RequestState.orphan;
        this.#hand(request);
      } else {
        this.#release(request);
      }
      request = next;
    }
  }
}
