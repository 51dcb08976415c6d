/** AlterShareGroupOffsets (key 91), version 0 (KIP-932). Main thread. */
import { KafkaError } from '../../base/kafka-error.js';
import { errorText } from '../../coordinator/share/share-errors.js';
import {
  alterShareGroupOffsetsRequest,
  alterShareGroupOffsetsResponse,
} from '../../protocol/91-alter-share-group-offsets.js';
import { mainHandler } from '../main/context.js';
import { alterShareGroupOffsets } from '../main/coordinators/share-group-service.js';

function refused(errorCode: number) {
  return { errorCode, errorMessage: errorText(errorCode), responses: [] };
}

export const alterShareGroupOffsetsHandler = mainHandler({
  request: alterShareGroupOffsetsRequest,
  response: alterShareGroupOffsetsResponse,
  versions: [0, 0],
  handle: (context, request, call) => {
    if (!context.offersShareGroups()) return refused(KafkaError.UNSUPPORTED_VERSION);
    if (request.groupId === '') return refused(KafkaError.INVALID_GROUP_ID);
    return alterShareGroupOffsets(context, request, call);
  },
});
