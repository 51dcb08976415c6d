/**
 * The clients of one network thread: address for log lines, and who must be told when a connection goes away while its
 * requests wait. Owned by the network thread.
 */
import type { Poller } from '../../io/poller.js';
import type { Client } from './request-router.js';

interface WaitingRequest {
  readonly request: number;
  readonly callback: () => void;
}

export class Connections {
  private readonly clients: (Client | undefined)[] = [];
  private readonly listeners: string[] = [];
  /** By connection; rarely more than one. An array for the reason told in DelayedFetches. */
  private readonly waiting: (WaitingRequest[] | undefined)[] = [];

  constructor(
    private readonly poller: Poller,
    /** Listener names by the poller's numbers. */
    private readonly nameOf: (listener: number) => string,
  ) {}

  opened(connection: number, listener: number): void {
    this.listeners[connection] = this.nameOf(listener);
    this.clients[connection] = undefined;
    this.waiting[connection] = undefined;
  }

  /** Address of a client, asked of the poller once. */
  client(connection: number): Client {
    const known = this.clients[connection];
    if (known !== undefined) return known;
    const client = this.poller.peerAddress(connection);
    this.clients[connection] = client;
    return client;
  }

  listener(connection: number): string {
    return this.listeners[connection] ?? '';
  }

  onClosed(connection: number, request: number, callback: () => void): void {
    const waiting = this.waiting[connection];
    if (waiting === undefined) this.waiting[connection] = [{ request, callback }];
    else waiting.push({ request, callback });
  }

  /** The request was answered: nobody needs to hear of its connection any more. */
  answered(connection: number, request: number): void {
    const waiting = this.waiting[connection];
    if (waiting === undefined) return;
    for (let i = 0; i < waiting.length; i++) {
      if (waiting[i].request !== request) continue;
      waiting[i] = waiting[waiting.length - 1];
      waiting.pop();
      return;
    }
  }

  closed(connection: number): void {
    const waiting = this.waiting[connection] ?? [];
    this.waiting[connection] = undefined;
    this.clients[connection] = undefined;
    for (const { callback } of waiting) callback();
  }
}
