/** DescribeShareGroupOffsets (key 90), versions 0-1 (KIP-932; v1 lag, KIP-1226). Main thread. */
import { KafkaError } from '../../base/kafka-error.js';
import {
  describeShareGroupOffsetsRequest,
  describeShareGroupOffsetsResponse,
} from '../../protocol/90-describe-share-group-offsets.js';
import { mainHandler } from '../main/context.js';
import { describedGroup, describeShareGroupOffsets } from '../main/coordinators/share-group-offsets.js';

export const describeShareGroupOffsetsHandler = mainHandler({
  request: describeShareGroupOffsetsRequest,
  response: describeShareGroupOffsetsResponse,
  versions: [0, 1],
  handle: async (context, { groups }, call) => ({
    groups: await Promise.all(
      groups.map((group) =>
        context.offersShareGroups()
          ? describeShareGroupOffsets(context, group, call)
          : { ...describedGroup(group.groupId, KafkaError.UNSUPPORTED_VERSION), errorMessage: null },
      ),
    ),
  }),
});
