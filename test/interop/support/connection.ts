/** One connection that sends frames and tells what came back: an answer, silence, or the end of the connection. */
import { connect, type Socket } from 'node:net';

/** A broker that says nothing for this long is taken to have nothing to say. */
const SILENCE_MS = 1500;
const ANSWER_MS_MAX = 20_000;

export type Reply =
  | { readonly kind: 'answer'; readonly bytes: Uint8Array }
  | { readonly kind: 'closed' }
  | { readonly kind: 'silence' };

export class Connection {
  private received: Buffer = Buffer.alloc(0);
  private ended = false;
  private wake: () => void = () => {};

  private constructor(private readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk]);
      this.wake();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.ended = true;
      this.wake();
    });
  }

  static open(port: number): Promise<Connection> {
    return new Promise((done, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => done(new Connection(socket)));
    });
  }

  get closed(): boolean {
    return this.ended;
  }

  /** Sends bytes as they are. */
  send(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  /** Next frame without its length; 'silence' when neither a frame nor the end comes in time. */
  async receive(expected: 'answer' | 'silence'): Promise<Reply> {
    const deadline = performance.now() + (expected === 'answer' ? ANSWER_MS_MAX : SILENCE_MS);
    for (;;) {
      const size = this.received.length >= 4 ? this.received.readInt32BE(0) : -1;
      if (size >= 0 && this.received.length >= 4 + size) {
        const bytes = Uint8Array.from(this.received.subarray(4, 4 + size));
        this.received = this.received.subarray(4 + size);
        return { kind: 'answer', bytes };
      }
      if (this.ended) return { kind: 'closed' };
      const left = deadline - performance.now();
      if (left <= 0) return { kind: 'silence' };
      await new Promise<void>((done) => {
        const timer = setTimeout(done, left);
        this.wake = () => {
          clearTimeout(timer);
          done();
        };
      });
    }
  }

  close(): void {
    this.socket.destroy();
  }
}
