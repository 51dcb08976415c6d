/**
 * From a frame to its handler and back (KafkaApis' dispatch, RequestContext): header, version check, decoding, encoding.
 * A request that cannot be answered (unknown key or version, bad bytes) closes its connection, as Kafka does; only
 * ApiVersions with an unknown version is answered, in version 0. Owned by a network thread; reuses its cursors.
 */
import type { Report } from '../../base/report.js';
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
import type { NetworkCall } from '../handler.js';
import type { NetworkContext, NetworkHandler } from './context.js';

/** Key of the one API whose response header never changes and whose unknown versions are answered. */
const API_VERSIONS = 18;

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
  isAlive(request: number): boolean;
}

export interface Client {
  readonly host: string;
  readonly port: number;
  readonly listener: string;
}

/** What the router needs of its thread. */
export interface RouterDeps {
  readonly context: NetworkContext;
  readonly frames: FrameSink;
  readonly report: Report;
  /** APIs by key. */
  readonly apis: readonly (RoutedApi | undefined)[];
  client(connection: number): Client;
  /** Runs `callback` when the connection goes away before `request` is answered. */
  onClosed(connection: number, request: number, callback: () => void): void;
  answered(connection: number, request: number): void;
  /** Hands a request to the main thread; `answer` gets the encoded body, null = close the connection. */
  forward(call: ServedCall, body: Uint8Array): void;
}

/** One request between its frame and its answer. */
export class ServedCall implements NetworkCall<unknown> {
  constructor(
    private readonly router: RequestRouter,
    readonly request: number,
    readonly connection: number,
    readonly api: RoutedApi,
    readonly apiKey: number,
    readonly version: number,
    readonly correlationId: number,
    readonly clientId: string | null,
  ) {}

  get clientHost(): string {
    return this.router.deps.client(this.connection).host;
  }
  get listener(): string {
    return this.router.deps.client(this.connection).listener;
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
    // An unknown ApiVersions version has a header we can still read: its start never changed.
    const header = readRequestHeader(reader, supported && isFlexible(api.request, version));
    const call = this.newCall(request, connection, api, header, supported ? version : -1);
    if (api.on === 'main') this.deps.forward(call, slab.slice(reader.position, position + length));
    else api.handle(this.deps.context, supported ? decode(api.request, version, reader) : null, call);
  }

  private newCall(
    request: number,
    connection: number,
    api: RoutedApi,
    header: RequestHeader,
    version: number,
  ): ServedCall {
    const { requestApiKey, correlationId, clientId } = header;
    return new ServedCall(this, request, connection, api, requestApiKey, version, correlationId, clientId);
  }

  /** Encodes and queues an answer. Version -1 (unknown ApiVersions version) is answered in version 0. */
  answer(call: ServedCall, response: unknown): void {
    const { writer } = this;
    const version = Math.max(0, call.version);
    writer.reset();
    this.header(call, version);
    encode(call.api.response as Message<unknown, unknown>, version, writer, response);
    this.deps.answered(call.connection, call.request);
    const holes = writer.holeCount > 0 ? writer.holes.slice(0, writer.holeCount) : NO_HOLES;
    this.deps.frames.complete(call.request, writer.bytes, holes, writer.position);
  }

  /** Queues an answer whose body another thread encoded; null closes the connection. */
  answerEncoded(call: ServedCall, body: Uint8Array | null): void {
    if (body === null) {
      this.deps.frames.closeRequest(call.request);
      return;
    }
    this.writer.reset();
    this.header(call, call.version);
    this.writer.raw(body);
    this.deps.frames.complete(call.request, this.writer.written());
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
