/**
 * ElectLeaders: preferred (KIP-183) and unclean elections (KIP-460, v1). v2 flexible. A null list means every partition.
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const electLeadersRequest = defineMessage({
  name: 'ElectLeadersRequest',
  kind: 'request',
  key: 43,
  versions: [0, 2],
  flexible: 2,
  fields: {
    electionType: t.int8({ since: 1 }),
    topicPartitions: t.array(
      {
        topic: t.string(),
        partitions: t.array(t.int32()),
      },
      { nullable: 0 },
    ),
    timeoutMs: t.int32({ default: 60_000 }),
  },
});
export type ElectLeadersRequest = Infer<typeof electLeadersRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type ElectLeadersRequestInput = InferInput<typeof electLeadersRequest>;

export const electLeadersResponse = defineMessage({
  name: 'ElectLeadersResponse',
  kind: 'response',
  key: 43,
  versions: [0, 2],
  flexible: 2,
  fields: {
    throttleTimeMs: t.int32(),
    errorCode: t.int16({ since: 1 }),
    replicaElectionResults: t.array({
      topic: t.string(),
      partitionResult: t.array({
        partitionId: t.int32(),
        errorCode: t.int16(),
        errorMessage: t.string({ nullable: 0 }),
      }),
    }),
  },
});
export type ElectLeadersResponse = Infer<typeof electLeadersResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type ElectLeadersResponseInput = InferInput<typeof electLeadersResponse>;
