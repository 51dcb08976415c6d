/**
 * From a frame to its handler and back (KafkaApis' dispatch, RequestContext): header, version check, decoding, encoding.
 * A request that cannot be answered (unknown key or version, bad bytes) closes its connection, as Kafka does; only
 * ApiVersions with an unknown version is answered, in version 0. Owned by a network thread; reuses its cursors.
 */
import { assert } from '../../base/assert.js';
import type { Report } from '../../base/report.js';
import type { AppendCompletion } from '../../partition/contract.js';
import {
  apiKeyOf,
  apiVersionOf,
  decode,
  encode,
  type Hole,
  isFlexible,
  type Message,
  peekApi,
  REQUEST_PREFIX_BYTES,
  Reader,
  type RequestHeader,
  readRequestHeader,
  UnsupportedVersionError,
  WireError,
  Writer,
} from '../../wire/index.js';
import type { ServedAnswer } from '../channel.js';
import type { NetworkCall } from '../handler.js';
import { beginsWithThrottleTime, tellsThrottleTime } from '../quota/throttle-time.js';
import { AnswerCache } from './answer-cache.js';
import type { NetworkContext, NetworkHandler } from './context.js';

/** Key of the one API whose response header never changes and whose unknown versions are answered. */
const API_VERSIONS = 18;

const CORRELATION_AT = 4;
const CORRELATION_BYTES = 4;
const CLIENT_ID_AT = REQUEST_PREFIX_BYTES;
/** int16 -1 as it looks unsigned. */
const NULL_LENGTH = 0xffff;
const STRING_LENGTH_MAX = 0x7fff;

/** Name of the principal of an unauthenticated connection (KafkaPrincipal.ANONYMOUS). */
const ANONYMOUS = 'ANONYMOUS';

const NO_HOLES: readonly Hole[] = [];

/** An API that another thread serves: the router checks and forwards. */
export interface ForwardedApi {
  readonly on: 'main';
  readonly request: Message;
  readonly response: Message;
  readonly versions: readonly [number, number];
}
export type RoutedApi = NetworkHandler | ForwardedApi;

/** Where frames come from and answers go (network/FrameServer). */
export interface FrameSink {
  complete(request: number, bytes: Uint8Array | null, holes?: readonly Hole[], length?: number): void;
  closeRequest(request: number): void;
  /** Nothing more is read from the connection for `ms`; answers still leave. */
  mute(connection: number, ms: number): void;
  isAlive(request: number): boolean;
}

export interface Client {
  readonly host: string;
  readonly port: number;
}

/** What the router needs of its thread. */
export interface RouterDeps {
  readonly context: NetworkContext;
  readonly frames: FrameSink;
  readonly report: Report;
  /** APIs by key. */
  readonly apis: readonly (RoutedApi | undefined)[];
  client(connection: number): Client;
  /** Name of the listener the connection came in by. */
  listener(connection: number): string;
  /** Runs `callback` when the connection goes away before `request` is answered. */
  onClosed(connection: number, request: number, callback: () => void): void;
  answered(connection: number, request: number): void;
  /** Hands a request to the main thread; `answer` gets the encoded body, null = close the connection. */
  forward(call: ServedCall, body: Uint8Array): void;
}

/** One request between its frame and its answer. */
export class ServedCall implements NetworkCall<unknown> {
  repeats = false;
  /** Time its dispatch took, once that has ended without an answer. */
  handlingMs: number | undefined;

  constructor(
    private readonly router: RequestRouter,
    readonly request: number,
    readonly connection: number,
    readonly api: RoutedApi,
    readonly apiKey: number,
    readonly version: number,
    readonly correlationId: number,
    readonly clientId: string | null,
    readonly requestBytes: number,
  ) {}

  get clientHost(): string {
    return this.router.deps.client(this.connection).host;
  }
  /** Without authentication everybody is the same one. */
  get user(): string {
    return ANONYMOUS;
  }
  get workMs(): number {
    return this.handlingMs ?? this.router.servingMs();
  }
  throttle(ms: number): void {
    if (ms > 0) this.router.deps.frames.mute(this.connection, ms);
  }
  get listener(): string {
    return this.router.deps.listener(this.connection);
  }
  isAlive(): boolean {
    return this.router.deps.frames.isAlive(this.request);
  }
  onClosed(callback: () => void): void {
    this.router.deps.onClosed(this.connection, this.request, callback);
  }
  respond(response: unknown): void {
    this.router.answer(this, response);
  }
  repeatAnswer(): void {
    this.repeats = true;
  }
  respondNothing(): void {
    this.router.deps.frames.complete(this.request, null);
  }
  close(): void {
    this.router.deps.frames.closeRequest(this.request);
  }
}

export class RequestRouter {
  private readonly reader = new Reader();
  private readonly writer = new Writer();
  private readonly answers = new AnswerCache();
  private servingSince = -1;

  constructor(readonly deps: RouterDeps) {}

  /** Serves the frame of `length` bytes at `position` of `slab`. */
  serve(request: number, connection: number, slab: Uint8Array, position: number, length: number): void {
    try {
      this.dispatch(request, connection, slab, position, length);
    } catch (error) {
      if (!(error instanceof WireError || error instanceof UnsupportedVersionError)) throw error;
      this.refuse(request, connection, error.message);
    }
  }

  private dispatch(
    request: number,
    connection: number,
    slab: Uint8Array,
    position: number,
    length: number,
  ): void {
    const reader = this.reader.reset(slab, position, position + length);
    if (length < REQUEST_PREFIX_BYTES) throw new WireError('frame too short for a request header', position);
    const prefix = peekApi(reader);
    const key = apiKeyOf(prefix);
    const version = apiVersionOf(prefix);
    const api = this.deps.apis[key];
    if (api === undefined) {
      this.refuse(request, connection, `API key ${key} is not served`);
      return;
    }
    const supported = version >= api.versions[0] && version <= api.versions[1];
    if (!supported && key !== API_VERSIONS) {
      this.refuse(request, connection, `${api.request.name} version ${version} is not served`);
      return;
    }
    const { quotas } = this.deps.context;
    const direct = supported && api.on === 'network' ? api.direct : undefined;
    if (direct !== undefined && (!quotas.chargesProduce || this.producesFreely(reader, api, version))) {
      if (direct.serve(this.deps.context, request, slab, position, length, version)) return;
    }
    const flexible = supported && isFlexible(api.request, version);
    if (supported && api.on === 'network' && api.repeats === true && !quotas.chargesRequests) {
      const from = bodyStart(slab, position, position + length, flexible);
      if (from >= 0 && this.answerAgain(request, connection, slab, position, from, length, prefix)) return;
    }
    // An unknown ApiVersions version has a header we can still read: its start never changed.
    const header = readRequestHeader(reader, flexible);
    const call = this.newCall(request, connection, api, header, supported ? version : -1, length);
    if (quotas.chargesRequests) this.servingSince = this.deps.context.clock.monotonicMs();
    if (api.on === 'main') this.deps.forward(call, slab.slice(reader.position, position + length));
    else api.handle(this.deps.context, supported ? decode(api.request, version, reader) : null, call);
    if (quotas.chargesRequests) call.handlingMs = this.servingMs();
  }

  /** Somebody has a quota, but not the client of this request; the reader stands where it stood. */
  private producesFreely(reader: Reader, api: RoutedApi, version: number): boolean {
    const { position } = reader;
    const { clientId } = readRequestHeader(reader, isFlexible(api.request, version));
    reader.position = position;
    return this.deps.context.quotas.producesFreely({ user: ANONYMOUS, clientId });
  }

  /** Time since the dispatch of the request being served began; only while requests are charged. */
  servingMs(): number {
    return this.servingSince < 0 ? 0 : this.deps.context.clock.monotonicMs() - this.servingSince;
  }

  /** An append of a request that was served directly was refused: the frame is decoded now, for the general answer. */
  refused(
    request: number,
    connection: number,
    slab: Uint8Array,
    position: number,
    length: number,
    completion: AppendCompletion,
  ): void {
    const reader = this.reader.reset(slab, position, position + length);
    const prefix = peekApi(reader);
    const version = apiVersionOf(prefix);
    const api = this.deps.apis[apiKeyOf(prefix)];
    assert(api?.on === 'network' && api.direct !== undefined, 'only a direct service leaves a refusal');
    const header = readRequestHeader(reader, isFlexible(api.request, version));
    const call = this.newCall(request, connection, api, header, version, length);
    api.direct.refused(this.deps.context, decode(api.request, version, reader), call, completion);
  }

  /** Answers with what these bytes were answered before. False: nothing is known for them. */
  private answerAgain(
    request: number,
    connection: number,
    slab: Uint8Array,
    position: number,
    from: number,
    length: number,
    api: number,
  ): boolean {
    const { context, frames } = this.deps;
    const listener = this.deps.listener(connection);
    const answer = this.answers.find(slab, from, position + length, api, listener, context.topics.changes);
    if (answer === undefined) return false;
    for (let at = 0; at < CORRELATION_BYTES; at++) answer[at] = slab[position + CORRELATION_AT + at];
    frames.complete(request, answer, NO_HOLES, answer.length);
    return true;
  }

  private newCall(
    request: number,
    connection: number,
    api: RoutedApi,
    header: RequestHeader,
    version: number,
    length: number,
  ): ServedCall {
    const { requestApiKey: key, correlationId, clientId } = header;
    return new ServedCall(this, request, connection, api, key, version, correlationId, clientId, length);
  }

  /** Encodes and queues an answer. Version -1 (unknown ApiVersions version) is answered in version 0. */
  answer(call: ServedCall, given: unknown): void {
    const response = this.deps.context.quotas.chargesRequests ? this.charged(call, given) : given;
    const { writer } = this;
    const version = Math.max(0, call.version);
    writer.reset();
    this.header(call, version);
    encode(call.api.response as Message<unknown, unknown>, version, writer, response);
    this.deps.answered(call.connection, call.request);
    if (call.repeats) this.answers.keep(writer.written());
    const holes = writer.holeCount > 0 ? writer.holes.slice(0, writer.holeCount) : NO_HOLES;
    this.deps.frames.complete(call.request, writer.bytes, holes, writer.position);
  }

  /** Charges the request's handling; the response with what the client has to wait. */
  private charged(call: ServedCall, response: unknown): unknown {
    if (call.api.on === 'network' && call.api.throttles === true) return response;
    const waitMs = this.deps.context.quotas.served(call, call.workMs);
    if (waitMs === 0 || typeof response !== 'object') return response;
    call.throttle(waitMs);
    return tellsThrottleTime(call.api.response, Math.max(0, call.version))
      ? { ...response, throttleTimeMs: waitMs }
      : response;
  }

  /** Queues an answer whose body another thread encoded; null closes the connection. */
  answerEncoded(call: ServedCall, answer: ServedAnswer | null): void {
    if (answer === null) {
      this.deps.frames.closeRequest(call.request);
      return;
    }
    const { body, holes, workMs } = answer;
    const { quotas } = this.deps.context;
    const charged = quotas.chargesRequests ? quotas.served(call, call.workMs + workMs) : 0;
    const waitMs = Math.max(answer.throttleMs, charged);
    if (waitMs > 0) {
      call.throttle(waitMs);
      if (beginsWithThrottleTime(call.api.response, call.version)) storeInt32(body, waitMs);
    }
    this.writer.reset();
    this.header(call, call.version);
    const { position } = this.writer;
    this.writer.raw(body);
    const moved = holes.length === 0 ? NO_HOLES : holes.map((hole) => ({ ...hole, at: hole.at + position }));
    this.deps.frames.complete(call.request, this.writer.written(), moved);
  }

  private header(call: ServedCall, version: number): void {
    this.writer.int32(call.correlationId);
    if (call.apiKey !== API_VERSIONS && isFlexible(call.api.response, version)) this.writer.uvarint(0);
  }

  private refuse(request: number, connection: number, why: string): void {
    const { host, port } = this.deps.client(connection);
    this.deps.report('warn', `Closing connection of ${host}:${port}: ${why}`, { client: `${host}:${port}` });
    this.deps.frames.closeRequest(request);
  }
}

function storeInt32(bytes: Uint8Array, value: number): void {
  for (let at = 0; at < 4; at++) bytes[at] = (value >>> (24 - 8 * at)) & 0xff;
}

/** Where the body behind a plain header begins; -1 = the header has tagged fields or is broken. */
function bodyStart(slab: Uint8Array, position: number, end: number, flexible: boolean): number {
  const at = position + CLIENT_ID_AT;
  const length = (slab[at] << 8) | slab[at + 1];
  if (length > STRING_LENGTH_MAX && length !== NULL_LENGTH) return -1;
  const tagsAt = at + 2 + (length === NULL_LENGTH ? 0 : length);
  const from = flexible ? tagsAt + 1 : tagsAt;
  if (from > end || (flexible && slab[tagsAt] !== 0)) return -1;
  return from;
}
