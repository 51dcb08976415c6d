/** A member of a share group on a bare socket: share sessions, acquired records and acknowledgements, in few words. */
import { KafkaError } from '../../../src/base/kafka-error.js';
import {
  initializeShareGroupStateRequest,
  initializeShareGroupStateResponse,
} from '../../../src/protocol/83-initialize-share-group-state.js';
import {
  findCoordinatorRequest,
  findCoordinatorResponse,
  type ShareFetchRequestInput,
  shareAcknowledgeRequest,
  shareAcknowledgeResponse,
  shareFetchRequest,
  shareFetchResponse,
} from '../../../src/protocol/index.js';
import { recordsBytes } from '../../../src/wire/index.js';
import { Client } from './client.js';
import { until, valuesOf } from './requests.js';

const FETCH = { request: shareFetchRequest, response: shareFetchResponse, version: 2 };
const ACKNOWLEDGE = { request: shareAcknowledgeRequest, response: shareAcknowledgeResponse, version: 2 };
const INITIALIZE = {
  request: initializeShareGroupStateRequest,
  response: initializeShareGroupStateResponse,
  version: 0,
};

const FIND = { request: findCoordinatorRequest, response: findCoordinatorResponse, version: 6 };
const UNAVAILABLE: readonly number[] = [
  KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
  KafkaError.COORDINATOR_NOT_AVAILABLE,
  KafkaError.NOT_COORDINATOR,
];

export interface Acquired {
  readonly error: number;
  readonly acknowledgeError: number;
  readonly partitionError: number;
  /** `first-last x deliveries`, by partition where it is not 0. */
  readonly ranges: string[];
  readonly records: { offset: number; value: string }[];
}

export interface Acknowledgement {
  readonly partition?: number;
  readonly first: number;
  readonly last: number;
  readonly types: number[];
}

function batchesOf(acknowledgements: readonly Acknowledgement[]) {
  const partitions = new Map<
    number,
    { firstOffset: number; lastOffset: number; acknowledgeTypes: number[] }[]
  >();
  for (const { partition = 0, first, last, types } of acknowledgements) {
    const batch = { firstOffset: first, lastOffset: last, acknowledgeTypes: types };
    partitions.set(partition, [...(partitions.get(partition) ?? []), batch]);
  }
  return [...partitions].map(([partitionIndex, acknowledgementBatches]) => ({
    partitionIndex,
    acknowledgementBatches,
  }));
}

export class ShareMember {
  epoch = 0;

  private constructor(
    readonly client: Client,
    readonly groupId: string,
    readonly memberId: string,
    readonly topicId: string,
    private readonly partitions: number,
  ) {}

  static async open(
    port: number,
    groupId: string,
    memberId: string,
    topicId: string,
    partitions = 1,
  ): Promise<ShareMember> {
    return new ShareMember(await Client.open(port), groupId, memberId, topicId, partitions);
  }

  /** Fetches; acknowledgements travel along. The first request opens the session. */
  async fetch(
    more: Partial<ShareFetchRequestInput> = {},
    acknowledgements: readonly Acknowledgement[] = [],
  ): Promise<Acquired> {
    const isFirst = this.epoch === 0;
    const named = Array.from({ length: this.partitions }, (_, partitionIndex) => ({ partitionIndex }));
    const partitions = isFirst ? named : batchesOf(acknowledgements);
    const answer = await this.client.call(FETCH, {
      groupId: this.groupId,
      memberId: this.memberId,
      shareSessionEpoch: this.epoch,
      maxWaitMs: 0,
      minBytes: 1,
      maxRecords: 500,
      batchSize: 500,
      topics: partitions.length === 0 ? [] : [{ topicId: this.topicId, partitions }],
      forgottenTopicsData: [],
      ...more,
    });
    if (answer.errorCode === 0) this.epoch++;
    const found = answer.responses.flatMap((topic) => topic.partitions);
    return {
      error: answer.errorCode,
      acknowledgeError:
        found.find(({ acknowledgeErrorCode }) => acknowledgeErrorCode !== 0)?.acknowledgeErrorCode ?? 0,
      partitionError: found.find(({ errorCode }) => errorCode !== 0)?.errorCode ?? 0,
      ranges: found.flatMap(({ partitionIndex, acquiredRecords }) =>
        acquiredRecords.map(
          ({ firstOffset, lastOffset, deliveryCount }) =>
            `${partitionIndex === 0 ? '' : `${partitionIndex}:`}${firstOffset}-${lastOffset} x${deliveryCount}`,
        ),
      ),
      records: found.flatMap(({ records }) =>
        records === null ? [] : valuesOf(recordsBytes(records).slice()),
      ),
    };
  }

  /** Error of the request, else that of its partition. */
  async acknowledge(acknowledgements: readonly Acknowledgement[], epoch = this.epoch): Promise<number> {
    const { errorCode, responses } = await this.client.call(ACKNOWLEDGE, {
      groupId: this.groupId,
      memberId: this.memberId,
      shareSessionEpoch: epoch,
      topics: [{ topicId: this.topicId, partitions: batchesOf(acknowledgements) }],
    });
    if (errorCode === 0) this.epoch++;
    return errorCode === 0 ? (responses[0]?.partitions[0]?.errorCode ?? 0) : errorCode;
  }

  close(): void {
    this.client.close();
  }
}

/** What the group coordinator does when a group first subscribes to a topic. */
export async function initializeShareState(
  port: number,
  groupId: string,
  topicId: string,
  startOffset = 0,
  partitions = 1,
): Promise<number> {
  const client = await Client.open(port);
  const indexes = Array.from({ length: partitions }, (_, partition) => partition);
  const topics = [
    { topicId, partitions: indexes.map((partition) => ({ partition, stateEpoch: 1, startOffset })) },
  ];
  const error = await until('a share coordinator', async () => {
    const { results } = await client.call(INITIALIZE, { groupId, topics });
    const code = results[0]?.partitions[0]?.errorCode ?? -1;
    if (!UNAVAILABLE.includes(code)) return code;
    // Asking for the coordinator has its topic made.
    await client.call(FIND, { keyType: 2, coordinatorKeys: [`${groupId}:${topicId}:0`] });
    return undefined;
  });
  client.close();
  return error;
}
