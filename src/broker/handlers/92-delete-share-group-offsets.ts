/** DeleteShareGroupOffsets (key 92), version 0 (KIP-932). Main thread. */
import { KafkaError } from '../../base/kafka-error.js';
import { errorText } from '../../coordinator/share/share-errors.js';
import {
  deleteShareGroupOffsetsRequest,
  deleteShareGroupOffsetsResponse,
} from '../../protocol/92-delete-share-group-offsets.js';
import { mainHandler } from '../main/context.js';
import { deleteShareGroupOffsets } from '../main/coordinators/share-group-service.js';

function refused(errorCode: number) {
  return { errorCode, errorMessage: errorText(errorCode), responses: [] };
}

export const deleteShareGroupOffsetsHandler = mainHandler({
  request: deleteShareGroupOffsetsRequest,
  response: deleteShareGroupOffsetsResponse,
  versions: [0, 0],
  handle: (context, request, call) => {
    if (!context.offersShareGroups()) return refused(KafkaError.UNSUPPORTED_VERSION);
    if (request.groupId === '') return refused(KafkaError.INVALID_GROUP_ID);
    return deleteShareGroupOffsets(context, request, call);
  },
});
