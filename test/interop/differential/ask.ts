/** Sends one step to one broker and turns what happens into plain values. */
import { ApiKey, apiOf, requestHeaderVersion, responseHeaderVersion } from '../../../src/protocol/index.js';
import {
  beginRequest,
  decode,
  encode,
  type Message,
  Reader,
  readResponseHeader,
  Writer,
} from '../../../src/wire/index.js';
import { Connection, type Reply } from '../support/connection.js';
import type { Answer, Step, World } from './step.js';

export type Outcome =
  | {
      readonly kind: 'answer';
      readonly answer: Answer;
      readonly bytesLeft: number;
      readonly connection: 'open' | 'closed';
    }
  | { readonly kind: 'no answer'; readonly connection: 'open' | 'closed' };

const CORRELATION = 77;
const PROBE_CORRELATION = 78;
const CLIENT_ID = 'differential';
/** ApiVersions v0: any broker answers it at any time. */
const PROBE = frameOf(ApiKey.ApiVersions, 0, {}, CLIENT_ID, PROBE_CORRELATION);

export function frameOf(
  key: number,
  version: number,
  body: object,
  clientId: string | null,
  correlationId: number,
): Uint8Array {
  const api = apiOf(key);
  if (api === undefined) throw new Error(`API ${key} is not defined`);
  const writer = new Writer();
  const header = { requestApiKey: key, requestApiVersion: version, correlationId, clientId };
  beginRequest(writer, header, requestHeaderVersion(key, version));
  encode(api.request as Message<unknown, object>, version, writer, body);
  writer.endFrame();
  return writer.written().slice();
}

/** A frame that the schemas cannot say: header v1, then these bytes. */
export function rawFrame(key: number, version: number, body: Uint8Array, clientId = CLIENT_ID): Uint8Array {
  const name = Buffer.from(clientId);
  const frame = Buffer.alloc(4 + 8 + 2 + name.length + body.length);
  frame.writeInt32BE(frame.length - 4, 0);
  frame.writeInt16BE(key, 4);
  frame.writeInt16BE(version, 6);
  frame.writeInt32BE(CORRELATION, 8);
  frame.writeInt16BE(name.length, 12);
  name.copy(frame, 14);
  frame.set(body, 14 + name.length);
  return Uint8Array.from(frame);
}

function decodeAnswer(
  key: number,
  version: number,
  bytes: Uint8Array,
): { answer: Answer; bytesLeft: number } {
  const api = apiOf(key);
  if (api === undefined) return { answer: { hex: Buffer.from(bytes).toString('hex') }, bytesLeft: 0 };
  const reader = Reader.of(bytes);
  const { correlationId } = readResponseHeader(reader, responseHeaderVersion(key, version));
  if (correlationId !== CORRELATION)
    throw new Error(`answer to request ${correlationId}, not ${CORRELATION}`);
  const answer = { ...(decode(api.response, version, reader) as Answer) };
  return { answer, bytesLeft: reader.remaining };
}

function isProbeAnswer(reply: Reply): boolean {
  if (reply.kind !== 'answer') return false;
  return Buffer.from(reply.bytes).readInt32BE(0) === PROBE_CORRELATION;
}

async function isOpen(connection: Connection): Promise<boolean> {
  connection.send(PROBE);
  const reply = await connection.receive('answer');
  if (reply.kind === 'answer' && !isProbeAnswer(reply)) throw new Error('an answer that nobody asked for');
  if (reply.kind === 'silence') throw new Error('the connection is open but mute');
  return reply.kind === 'answer';
}

/** Asks on a connection of its own. The answer is handed to `step.learn`. */
export async function ask(step: Step, world: World): Promise<Outcome> {
  const plain =
    apiOf(step.key) === undefined || step.rawBody !== undefined
      ? rawFrame(step.key, step.version, step.rawBody?.(world) ?? new Uint8Array(0))
      : frameOf(
          step.key,
          step.version,
          step.body(world),
          step.clientId === undefined ? CLIENT_ID : step.clientId,
          CORRELATION,
        );
  const connection = await Connection.open(world.port);
  try {
    connection.send(step.mutate?.(plain, world) ?? plain);
    if (step.incomplete) {
      const reply = await connection.receive('silence');
      return { kind: 'no answer', connection: reply.kind === 'closed' ? 'closed' : 'open' };
    }
    if (step.noAnswer)
      return { kind: 'no answer', connection: (await isOpen(connection)) ? 'open' : 'closed' };
    const reply = await connection.receive('answer');
    if (reply.kind === 'silence') throw new Error(`no answer to ${step.name}`);
    if (reply.kind === 'closed') return { kind: 'no answer', connection: 'closed' };
    const { answer, bytesLeft } = decodeAnswer(step.key, step.answerVersion ?? step.version, reply.bytes);
    step.learn?.(answer, world);
    return { kind: 'answer', answer, bytesLeft, connection: (await isOpen(connection)) ? 'open' : 'closed' };
  } finally {
    connection.close();
  }
}

/** Asks and decodes without comparing: for what a test needs to know. */
export async function know(port: number, key: number, version: number, body: object): Promise<Answer> {
  const connection = await Connection.open(port);
  try {
    connection.send(frameOf(key, version, body, CLIENT_ID, CORRELATION));
    const reply = await connection.receive('answer');
    if (reply.kind !== 'answer') throw new Error(`no answer of API ${key}: ${reply.kind}`);
    return decodeAnswer(key, version, reply.bytes).answer;
  } finally {
    connection.close();
  }
}

/** Learns the ids of all topics, and the cluster's. */
export async function learnTopics(world: World): Promise<void> {
  const answer = await know(world.port, ApiKey.Metadata, 12, { topics: null });
  world.clusterId = String(answer.clusterId);
  for (const topic of answer.topics as { name: string; topicId: string }[])
    world.topicIds.set(topic.name, topic.topicId);
}
