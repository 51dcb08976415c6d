/** DescribeClientQuotas (key 48), versions 0-1 (KIP-546). Network thread, from its image. */
import { describeClientQuotas } from '../../metadata/image/describe-quotas.js';
import {
  describeClientQuotasRequest,
  describeClientQuotasResponse,
} from '../../protocol/48-describe-client-quotas.js';
import { networkHandler } from '../network/context.js';

export const describeClientQuotasHandler = networkHandler({
  request: describeClientQuotasRequest,
  response: describeClientQuotasResponse,
  versions: [0, 1],
  handle: (context, request, call) => call.respond(describeClientQuotas(context.topics.image, request)),
});
