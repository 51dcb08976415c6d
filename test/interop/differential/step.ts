/**
 * A differential test is a list of steps, each one request. Both brokers get the same steps in the same order; what a
 * broker made up itself (topic ids, session ids, producer ids) is looked up in that broker's `World`.
 */
import type { Message } from '../../../src/wire/index.js';

export interface Producer {
  readonly id: bigint;
  readonly epoch: number;
}

/** What one broker has told so far. */
export class World {
  /** ms; taken once, the same for both brokers. */
  readonly now: number;
  readonly topicIds = new Map<string, string>();
  readonly producers: Producer[] = [];
  /** Member ids by what the steps call the member. */
  readonly members = new Map<string, string>();
  sessionId = 0;
  clusterId = '';

  constructor(
    readonly port: number,
    readonly data: string,
    now: number,
  ) {
    this.now = now;
  }

  /** Id of a topic that an earlier step created. */
  topicId(name: string): string {
    const id = this.topicIds.get(name);
    if (id === undefined) throw new Error(`no topic ${name}`);
    return id;
  }

  /** Id of a member of a group that an earlier step brought in. */
  member(name: string): string {
    const id = this.members.get(name);
    if (id === undefined) throw new Error(`no member ${name}`);
    return id;
  }

  /** The n-th producer id that this broker gave out. */
  producer(index: number): Producer {
    const producer = this.producers[index];
    if (producer === undefined) throw new Error(`no producer ${index}`);
    return producer;
  }
}

export interface Step {
  readonly name: string;
  readonly key: number;
  readonly version: number;
  readonly body: (world: World) => object;
  readonly clientId?: string | null;
  /** Body bytes in place of `body`, behind a header v1: what no schema can say. */
  readonly rawBody?: (world: World) => Uint8Array;
  /** Changes the finished frame, its length prefix included. */
  readonly mutate?: (frame: Uint8Array, world: World) => Uint8Array;
  /** Version of the answer, when it is not the request's (ApiVersions). */
  readonly answerVersion?: number;
  /** No answer is due: the connection's state is what counts. */
  readonly noAnswer?: true;
  /** The broker waits for more bytes, so nothing more can be asked on this connection. */
  readonly incomplete?: true;
  /** Remembers things out of the decoded answer. */
  readonly learn?: (answer: Answer, world: World) => void;
  /** Time to let the change reach every part of the broker. */
  readonly settleMs?: number;
}

/** A decoded answer, of any API. */
export type Answer = Record<string, unknown>;

/** Builds the steps of one API: same name prefix, key and defaults. */
export function stepsOf(key: number, message: Message) {
  return (
    version: number,
    what: string,
    body: object | ((world: World) => object),
    more: Partial<Step> = {},
  ): Step => ({
    name: `${message.name.replace('Request', '')} v${version}: ${what}`,
    key,
    version,
    body: typeof body === 'function' ? (body as (world: World) => object) : () => body,
    ...more,
  });
}
