/**
 * ReadShareGroupStateSummary: where share partitions begin, for lag and start offsets (KIP-932).
 * v0 is flexible. v1 deliveryCompleteCount (KIP-1226).
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const readShareGroupStateSummaryRequest = defineMessage({
  name: 'ReadShareGroupStateSummaryRequest',
  kind: 'request',
  key: 87,
  versions: [0, 1],
  flexible: 0,
  fields: {
    groupId: t.string(),
    topics: t.array({
      topicId: t.uuid(),
      partitions: t.array({
        partition: t.int32(),
        leaderEpoch: t.int32(),
      }),
    }),
  },
});
export type ReadShareGroupStateSummaryRequest = Infer<typeof readShareGroupStateSummaryRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type ReadShareGroupStateSummaryRequestInput = InferInput<typeof readShareGroupStateSummaryRequest>;

export const readShareGroupStateSummaryResponse = defineMessage({
  name: 'ReadShareGroupStateSummaryResponse',
  kind: 'response',
  key: 87,
  versions: [0, 1],
  flexible: 0,
  fields: {
    results: t.array({
      topicId: t.uuid(),
      partitions: t.array({
        partition: t.int32(),
        errorCode: t.int16(),
        errorMessage: t.string({ nullable: 0, default: null }),
        stateEpoch: t.int32(),
        leaderEpoch: t.int32(),
        startOffset: t.clampedInt64(),
        deliveryCompleteCount: t.int32({ since: 1, default: -1, ignorable: true }),
      }),
    }),
  },
});
export type ReadShareGroupStateSummaryResponse = Infer<typeof readShareGroupStateSummaryResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type ReadShareGroupStateSummaryResponseInput = InferInput<typeof readShareGroupStateSummaryResponse>;
