/**
 * Serves the requests that network threads forward: decode, handle, encode. Errors of the protocol close the connection;
 * anything else that a handler throws is answered by closing too, and reported with the client's name. Main thread.
 */
import type { Report } from '../../base/report.js';
import { systemClock } from '../../io/clock.js';
import {
  decode,
  encode,
  type Message,
  Reader,
  UnsupportedVersionError,
  WireError,
  Writer,
} from '../../wire/index.js';
import type { ForwardedRequest, ServedAnswer } from '../channel.js';
import type { MainContext, MainHandler } from './context.js';

export class Dispatcher {
  private readonly reader = new Reader();
  private readonly writer = new Writer();

  constructor(
    private readonly context: () => MainContext,
    /** Main handlers by API key. */
    private readonly handlers: readonly (MainHandler | undefined)[],
    private readonly report: Report,
  ) {}

  /** The encoded answer, or null when the connection must be closed. */
  async serve(request: ForwardedRequest): Promise<ServedAnswer | null> {
    const handler = this.handlers[request.apiKey];
    if (handler === undefined) return null;
    try {
      const reader = this.reader.reset(request.body, 0, request.body.length);
      const message = decode(handler.request, request.version, reader);
      const { apiKey, version, clientId, clientHost, user, connection, listener } = request;
      let throttleMs = 0;
      const throttle = (ms: number): void => {
        throttleMs = Math.max(throttleMs, ms);
      };
      const call = {
        ...{ apiKey, version, correlationId: 0, clientId, clientHost, user, connection, listener },
        throttle,
      };
      const begun = systemClock.monotonicMs();
      const answer = handler.handle(this.context(), message, call);
      // What a handler waits for (a directory being made) is not its client's use of this thread.
      let workMs = systemClock.monotonicMs() - begun;
      const response = await answer;
      const encoding = systemClock.monotonicMs();
      this.writer.reset();
      encode(handler.response as Message<unknown, unknown>, version, this.writer, response);
      const body = this.writer.written().slice();
      const { holes, holeCount } = this.writer;
      workMs += systemClock.monotonicMs() - encoding;
      return { body, holes: holes.slice(0, holeCount).map((hole) => ({ ...hole })), throttleMs, workMs };
    } catch (error) {
      this.reportFailure(request, handler, error);
      return null;
    }
  }

  private reportFailure(request: ForwardedRequest, handler: MainHandler, error: unknown): void {
    const protocol = error instanceof WireError || error instanceof UnsupportedVersionError;
    const text =
      error instanceof Error ? (protocol ? error.message : (error.stack ?? error.message)) : String(error);
    const what = `${handler.request.name} version ${request.version}`;
    const fields = { client: request.clientHost, clientId: request.clientId };
    this.report(
      protocol ? 'warn' : 'error',
      `Closing connection of ${request.clientHost} after ${what}: ${text}`,
      fields,
    );
  }
}
