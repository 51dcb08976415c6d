/**
 * Produce requests of one partition without an object per request: read where they lie, appended, answered from a
 * template that was encoded once and gets its numbers patched in. Requests of any other shape, and answers other than
 * success, take the general way (handlers/00-produce.ts); the frame is still there to be decoded then.
 * Owned by one network thread; rows are reused.
 */
import type { AppendCompletion, PartitionGateway } from '../../partition/contract.js';
import { type ProduceResponse, produceResponse } from '../../protocol/00-produce.js';
import { encode, isFlexible, Writer } from '../../wire/index.js';
import type { TopicDirectory } from '../network/topic-directory.js';
import type { AppendOwner, PendingAppends } from './pending-appends.js';
import { framingError, hasUnknownCodec, isTransactional, stateError } from './request-checks.js';
import { SingleFrame } from './single-frame.js';

const TOPIC_ID_VERSION_MIN = 13;
const LOG_START_VERSION_MIN = 5;
const FLEXIBLE_VERSION_MIN = 9;
const TWO_32 = 4_294_967_296;
/** Places of the route table, a power of two. A route may stand in two of them; when both are taken it replaces one. */
const ROUTES = 4096;
const ROWS_FIRST = 256;

/** Where requests of one version for one partition go, and the answer to them. */
interface Route {
  readonly version: number;
  /** The topic as it stands in the request: name, or id. */
  readonly topic: Uint8Array;
  readonly partition: number;
  readonly name: string;
  readonly slot: number;
  /** Of the topic directory when this was found out. */
  readonly changes: number;
  readonly answer: Uint8Array;
  /** Where base offset, log append time and (from v5) log start offset stand in it, one behind the other. */
  readonly numbersAt: number;
}

export interface SingleProducesDeps {
  readonly gateway: PartitionGateway;
  readonly topics: TopicDirectory;
  readonly appends: PendingAppends;
  complete(request: number, bytes: Uint8Array): void;
  /** The append was refused: decodes the frame and answers the general way. */
  refused(request: number, completion: AppendCompletion): void;
}

export class SingleProduces implements AppendOwner {
  private readonly frame = new SingleFrame();
  private readonly writer = new Writer();
  private readonly routes: (Route | undefined)[] = new Array(ROUTES).fill(undefined);
  /** By row: request, correlation id, next free row; and its route. */
  private requests = new Int32Array(0);
  private correlationIds = new Int32Array(0);
  private nextFree = new Int32Array(0);
  private readonly routeOf: (Route | undefined)[] = [];
  private free = -1;

  constructor(private readonly deps: SingleProducesDeps) {
    this.grow(ROWS_FIRST);
  }

  /** False = nothing was done, the general way must serve the request. */
  serve(request: number, slab: Uint8Array, position: number, length: number, version: number): boolean {
    const { frame } = this;
    if (!frame.read(slab, position, length, version)) return false;
    const { acks, recordsPosition, recordsLength } = frame;
    if (acks !== 1 && acks !== -1) return false;
    const route = this.route(slab);
    if (route === null) return false;
    const { gateway, topics, appends } = this.deps;
    if (framingError(slab, recordsPosition, recordsLength) !== 0) return false;
    if (hasUnknownCodec(slab, recordsPosition, version) || isTransactional(slab, recordsPosition))
      return false;
    if (stateError(gateway, topics, route.slot, route.name, route.partition, acks) !== 0) return false;
    if (this.free < 0) this.grow(this.requests.length * 2);
    const row = this.free;
    this.free = this.nextFree[row];
    this.requests[row] = request;
    this.correlationIds[row] = frame.correlationId;
    this.routeOf[row] = route;
    appends.submit(this, row, route.slot, recordsPosition, recordsLength, 0);
    return true;
  }

  appended(row: number, completion: AppendCompletion): void {
    const request = this.requests[row];
    const route = this.routeOf[row];
    this.routeOf[row] = undefined;
    this.nextFree[row] = this.free;
    this.free = row;
    if (route === undefined || completion.error !== 0) {
      this.deps.refused(request, completion);
      return;
    }
    const { answer, numbersAt } = route;
    const id = this.correlationIds[row];
    answer[0] = id >>> 24;
    answer[1] = (id >>> 16) & 0xff;
    answer[2] = (id >>> 8) & 0xff;
    answer[3] = id & 0xff;
    storeInt64(answer, numbersAt, completion.baseOffset);
    storeInt64(answer, numbersAt + 8, completion.appendTime);
    if (route.version >= LOG_START_VERSION_MIN) storeInt64(answer, numbersAt + 16, completion.logStartOffset);
    this.deps.complete(request, answer);
  }

  /** Of the frame just read; null = no such partition here, or one that clients may not write. */
  private route(slab: Uint8Array): Route | null {
    const { frame } = this;
    const { version, topicPosition: from, topicLength: length, partition } = frame;
    let hash = (Math.imul(partition, 0x9e3779b1) ^ version) | 0;
    for (let i = 0; i < length; i++) hash = Math.imul(hash ^ slab[from + i], 0x01000193);
    const at = (hash ^ (hash >>> 15)) & (ROUTES - 1);
    const { changes } = this.deps.topics;
    const first = this.routes[at];
    if (first !== undefined && first.changes === changes && this.matches(first, slab)) return first;
    const second = this.routes[at ^ 1];
    if (second !== undefined && second.changes === changes && this.matches(second, slab)) return second;
    // Not a view, and not of shared memory.
    const topic = new Uint8Array(length);
    topic.set(slab.subarray(from, from + length));
    const made = this.makeRoute(topic, version, partition);
    if (made === null) return null;
    this.routes[first !== undefined && first.changes === changes ? at ^ 1 : at] = made;
    return made;
  }

  private matches({ version, partition, topic }: Route, slab: Uint8Array): boolean {
    const { frame } = this;
    if (version !== frame.version || partition !== frame.partition) return false;
    const { topicPosition: from, topicLength: length } = frame;
    if (topic.length !== length) return false;
    for (let i = 0; i < length; i++) if (topic[i] !== slab[from + i]) return false;
    return true;
  }

  private makeRoute(topic: Uint8Array, version: number, partition: number): Route | null {
    const { topics } = this.deps;
    const byId = version >= TOPIC_ID_VERSION_MIN;
    const text = Buffer.from(topic.buffer);
    const topicId = byId ? text.toString('base64url') : '';
    const name = byId ? topics.nameOf(topicId) : text.toString('utf8');
    if (name === undefined || topics.isInternal(name)) return null;
    const slot = topics.slotOf(name, partition);
    if (slot < 0) return null;
    const answer = this.encode(byId ? '' : name, topicId, version, partition);
    // Correlation id, tags, topics; name or id; partitions; index and error code.
    const counts = version >= FLEXIBLE_VERSION_MIN ? 1 : 4;
    const topicBytes = byId ? topic.length : topic.length + lengthBytes(topic.length, version);
    const numbersAt = 4 + (version >= FLEXIBLE_VERSION_MIN ? 1 : 0) + counts + topicBytes + counts + 6;
    return { version, topic, partition, name, slot, changes: topics.changes, answer, numbersAt };
  }

  private encode(name: string, topicId: string, version: number, index: number): Uint8Array {
    const { writer } = this;
    const partition = { index, errorCode: 0, baseOffset: 0, logAppendTimeMs: 0, logStartOffset: 0 };
    const response: ProduceResponse = {
      responses: [
        {
          name,
          topicId,
          partitionResponses: [
            {
              ...partition,
              recordErrors: [],
              errorMessage: null,
              currentLeader: { leaderId: -1, leaderEpoch: -1 },
            },
          ],
        },
      ],
      throttleTimeMs: 0,
      nodeEndpoints: [],
    };
    writer.reset();
    writer.int32(0);
    if (isFlexible(produceResponse, version)) writer.uvarint(0);
    encode(produceResponse, version, writer, response);
    return Uint8Array.from(writer.written());
  }

  private grow(rows: number): void {
    const from = this.requests.length;
    const [requests, correlationIds, nextFree] = [
      new Int32Array(rows),
      new Int32Array(rows),
      new Int32Array(rows),
    ];
    requests.set(this.requests);
    correlationIds.set(this.correlationIds);
    nextFree.set(this.nextFree);
    this.requests = requests;
    this.correlationIds = correlationIds;
    this.nextFree = nextFree;
    for (let row = rows - 1; row >= from; row--) {
      nextFree[row] = this.free;
      this.free = row;
      this.routeOf[row] = undefined;
    }
  }
}

/** Of a string's length: int16, or an unsigned varint of length + 1 in flexible versions. */
function lengthBytes(length: number, version: number): number {
  if (version < FLEXIBLE_VERSION_MIN) return 2;
  return length + 1 < 128 ? 1 : 2;
}

function storeInt64(bytes: Uint8Array, at: number, value: number): void {
  const high = Math.floor(value / TWO_32);
  const low = value | 0;
  bytes[at] = high >>> 24;
  bytes[at + 1] = (high >>> 16) & 0xff;
  bytes[at + 2] = (high >>> 8) & 0xff;
  bytes[at + 3] = high & 0xff;
  bytes[at + 4] = low >>> 24;
  bytes[at + 5] = (low >>> 16) & 0xff;
  bytes[at + 6] = (low >>> 8) & 0xff;
  bytes[at + 7] = low & 0xff;
}
