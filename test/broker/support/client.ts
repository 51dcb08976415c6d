/**
 * A connection that speaks the protocol on a bare socket: requests by schema, or any bytes at all. Answers are matched
 * in order, as the protocol promises; one out of order fails the test.
 */
import { connect, type Socket } from 'node:net';
import {
  decode,
  encode,
  isFlexible,
  type Message,
  Reader,
  requestHeader,
  responseHeader,
  Writer,
} from '../../../src/wire/index.js';

const API_VERSIONS_KEY = 18;
const ANSWER_MS_MAX = 20_000;

export interface Call<In, Out> {
  request: Message<unknown, In>;
  response: Message<Out>;
  version: number;
}

interface Waiting {
  correlationId: number;
  resolve(frame: Buffer): void;
  reject(error: Error): void;
}

/** A request frame with its length. */
export function frameOf<In>(
  request: Message<unknown, In>,
  version: number,
  correlationId: number,
  body: In,
  clientId = 'robust',
): Uint8Array {
  const writer = new Writer();
  writer.beginFrame();
  const header = {
    requestApiKey: request.key ?? 0,
    requestApiVersion: version,
    correlationId,
    clientId,
  };
  encode(requestHeader, isFlexible(request, version) ? 2 : 1, writer, header);
  encode(request, version, writer, body);
  writer.endFrame();
  return writer.written().slice();
}

export class Client {
  /** Resolves when the broker has closed the connection (or this side has). */
  readonly closed: Promise<void>;
  isClosed = false;
  /** Bytes received so far. */
  received = 0;
  private input: Buffer = Buffer.alloc(0);
  private readonly waiting: Waiting[] = [];
  private nextCorrelation = 1;

  private constructor(
    readonly socket: Socket,
    readonly clientId: string,
  ) {
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.isClosed = true;
        for (const { reject } of this.waiting.splice(0)) reject(new Error('connection closed'));
        resolve();
      });
    });
    socket.on('error', () => undefined); // 'close' follows
    socket.on('data', (chunk: Buffer) => this.take(chunk));
  }

  static open(port: number, host = '127.0.0.1', clientId = 'robust'): Promise<Client> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host, noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new Client(socket, clientId));
      });
    });
  }

  /** As the broker's log names this client. */
  get name(): string {
    return `${this.socket.localAddress}:${this.socket.localPort}`;
  }

  write(bytes: Uint8Array | string): void {
    this.socket.write(bytes);
  }

  /** Sends a request; its answer. */
  call<In, Out>({ request, response, version }: Call<In, Out>, body: In): Promise<Out> {
    const correlationId = this.nextCorrelation++;
    this.write(frameOf(request, version, correlationId, body, this.clientId));
    const flexible = request.key !== API_VERSIONS_KEY && isFlexible(response, version);
    return this.answer(correlationId).then((frame) => {
      const reader = Reader.of(frame);
      decode(responseHeader, flexible ? 1 : 0, reader);
      return decode(response, version, reader);
    });
  }

  /** Sends a request that gets no answer. */
  tell<In>(request: Message<unknown, In>, version: number, body: In): void {
    this.write(frameOf(request, version, this.nextCorrelation++, body));
  }

  /** The next answer frame (without its length) that nobody waits for yet. */
  answer(correlationId: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      if (this.isClosed) {
        reject(new Error('connection closed'));
        return;
      }
      const late = setTimeout(() => reject(new Error(`no answer after ${ANSWER_MS_MAX} ms`)), ANSWER_MS_MAX);
      this.waiting.push({
        correlationId,
        resolve: (frame) => {
          clearTimeout(late);
          resolve(frame);
        },
        reject: (error) => {
          clearTimeout(late);
          reject(error);
        },
      });
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private take(chunk: Buffer): void {
    this.received += chunk.length;
    this.input = this.input.length === 0 ? chunk : Buffer.concat([this.input, chunk]);
    while (this.input.length >= 4) {
      const length = this.input.readInt32BE(0);
      if (this.input.length < 4 + length) return;
      const frame = Buffer.from(this.input.subarray(4, 4 + length));
      this.input = this.input.subarray(4 + length);
      const waiting = this.waiting.shift();
      if (waiting === undefined) throw new Error('an answer nobody asked for');
      const correlationId = frame.readInt32BE(0);
      if (correlationId === waiting.correlationId) waiting.resolve(frame);
      else waiting.reject(new Error(`answer ${correlationId} in place of ${waiting.correlationId}`));
    }
  }
}
