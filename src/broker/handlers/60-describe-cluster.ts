/**
 * DescribeCluster (key 60), versions 0-2. KIP-700, KIP-919 endpoint types (v1), KIP-1073 fenced brokers (v2).
 * Network thread, from its image.
 */
import { KafkaError } from '../../base/kafka-error.js';
import { describeClusterRequest, describeClusterResponse } from '../../protocol/60-describe-cluster.js';
import { CLUSTER_OPERATIONS, NO_OPERATIONS } from '../authorized-operations.js';
import { networkHandler } from '../network/context.js';

const EndpointType = { brokers: 1, controllers: 2 };

function endpointProblem(type: number): { errorCode: number; errorMessage: string } | null {
  if (type === EndpointType.brokers) return null;
  if (type === EndpointType.controllers) {
    const errorMessage =
      'The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER';
    return { errorCode: KafkaError.MISMATCHED_ENDPOINT_TYPE, errorMessage };
  }
  return {
    errorCode: KafkaError.UNSUPPORTED_ENDPOINT_TYPE,
    errorMessage: `Unsupported endpoint type ${type}`,
  };
}

export const describeClusterHandler = networkHandler({
  request: describeClusterRequest,
  response: describeClusterResponse,
  versions: [0, 2],
  handle: (context, request, call) => {
    const problem = endpointProblem(request.endpointType);
    if (problem !== null) {
      call.respond({ ...problem, clusterId: '', endpointType: EndpointType.brokers });
      return;
    }
    const { brokers } = context.topics.image;
    const listed = request.includeFencedBrokers ? [...brokers.all()] : brokers.alive();
    call.respond({
      endpointType: EndpointType.brokers,
      clusterId: context.clusterId,
      controllerId: brokers.alive()[0]?.id ?? -1,
      brokers: listed.flatMap(({ id, rack, fenced, endpoints }) =>
        endpoints
          .filter(({ name }) => name === call.listener)
          .map(({ host, port }) => ({ brokerId: id, host, port, rack, isFenced: fenced })),
      ),
      clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
        ? CLUSTER_OPERATIONS
        : NO_OPERATIONS,
    });
  },
});
