/**
 * One API = one schema file, one handler file, one line in handlers/index.ts. The version check, ApiVersions and the answer
 * to unsupported requests derive from that list. A handler says on which thread it runs; its context is that thread's world.
 */
import type { AppendCompletion } from '../partition/contract.js';
import type { Message } from '../wire/index.js';

/** A request being served. */
export interface Call {
  readonly apiKey: number;
  readonly version: number;
  readonly correlationId: number;
  readonly clientId: string | null;
  readonly clientHost: string;
  /** Name of the client's principal. */
  readonly user: string;
  /** Names the connection among those that are open, of all network threads. */
  readonly connection: number;
  /** Name of the listener the client connected to. */
  readonly listener: string;
}

/** A request on a network thread; exactly one of respond, respondNothing and close is called, now or later. */
export interface NetworkCall<Response> extends Call {
  /** False once the client is gone: the answer would reach nobody. */
  isAlive(): boolean;
  /** Runs when the client goes away before the answer. */
  onClosed(callback: () => void): void;
  respond(response: Response): void;
  /**
   * Before `respond`, in the call of `handle`: the same bytes get the same answer from now on, without `handle`, until
   * topics, brokers or features change. Only where nothing else goes into the answer and answering has no effect.
   */
  repeatAnswer(): void;
  /** Bytes of the request's frame. */
  readonly requestBytes: number;
  /** Time that handling the request has taken on this thread so far, ms. */
  readonly workMs: number;
  /** Before the answer, which leaves at once: nothing more is read from the client for so long. 0 does nothing. */
  throttle(ms: number): void;
  /** The request gets no answer frame (acks=0). */
  respondNothing(): void;
  /** Closes the connection instead of answering, as Kafka does for requests that break the protocol. */
  close(): void;
}

interface Spec<Request, Response> {
  readonly request: Message<Request>;
  readonly response: Message<unknown, Response>;
  /** Versions served; narrower than the schema where a version needs what is not built. */
  readonly versions: readonly [min: number, max: number];
  /** What ApiVersions advertises when that differs. */
  readonly advertised?: readonly [min: number, max: number];
}

/** Served where the client's socket is; `handle` answers through the call. */
export interface NetworkHandlerSpec<Context, Request, Response> extends Spec<Request, Response> {
  /** Requests of one connection that may run concurrently with their predecessors (Produce). */
  readonly overlaps?: boolean;
  /** It charges the request_percentage quota and tells throttleTimeMs itself (Produce, Fetch). */
  readonly throttles?: boolean;
  /** Some of its calls say `repeatAnswer`. */
  readonly repeats?: boolean;
  handle(context: Context, request: Request, call: NetworkCall<Response>): void;
  /** The usual request, served without decoding it into objects (Produce). */
  readonly direct?: DirectService<Context, Request, Response>;
}

export interface DirectService<Context, Request, Response> {
  /** Serves the frame of `length` bytes at `position` of `slab`; its version is one of `versions`. False = nothing was
   *  done, `handle` shall. */
  serve(
    context: Context,
    request: number,
    slab: Uint8Array,
    position: number,
    length: number,
    version: number,
  ): boolean;
  /** Answers a request that `serve` took and whose append was refused. */
  refused(
    context: Context,
    request: Request,
    call: NetworkCall<Response>,
    completion: AppendCompletion,
  ): void;
}

/** A request on the main thread. */
export interface MainCall extends Call {
  /** The answer tells the client to wait so long, and nothing more is read from it until then. The longest counts. */
  throttle(ms: number): void;
}

/** Served on the main thread; the returned value is the answer. */
export interface MainHandlerSpec<Context, Request, Response> extends Spec<Request, Response> {
  handle(context: Context, request: Request, call: MainCall): Response | Promise<Response>;
}
