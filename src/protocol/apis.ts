/**
 * The list of APIs that are defined: request and response by key. Header versions, flexible ranges and names derive from
 * it; what the broker serves, and in which versions, is decided by its handlers.
 */
import { assert } from '../base/assert.js';
import { hasVersion, isFlexible, type Message } from '../wire/index.js';
import { produceRequest, produceResponse } from './00-produce.js';
import { fetchRequest, fetchResponse } from './01-fetch.js';
import { listOffsetsRequest, listOffsetsResponse } from './02-list-offsets.js';
import { metadataRequest, metadataResponse } from './03-metadata.js';
import { offsetCommitRequest, offsetCommitResponse } from './08-offset-commit.js';
import { offsetFetchRequest, offsetFetchResponse } from './09-offset-fetch.js';
import { findCoordinatorRequest, findCoordinatorResponse } from './10-find-coordinator.js';
import { joinGroupRequest, joinGroupResponse } from './11-join-group.js';
import { heartbeatRequest, heartbeatResponse } from './12-heartbeat.js';
import { leaveGroupRequest, leaveGroupResponse } from './13-leave-group.js';
import { syncGroupRequest, syncGroupResponse } from './14-sync-group.js';
import { describeGroupsRequest, describeGroupsResponse } from './15-describe-groups.js';
import { listGroupsRequest, listGroupsResponse } from './16-list-groups.js';
import { apiVersionsRequest, apiVersionsResponse } from './18-api-versions.js';
import { createTopicsRequest, createTopicsResponse } from './19-create-topics.js';
import { deleteTopicsRequest, deleteTopicsResponse } from './20-delete-topics.js';
import { deleteRecordsRequest, deleteRecordsResponse } from './21-delete-records.js';
import { initProducerIdRequest, initProducerIdResponse } from './22-init-producer-id.js';
import { offsetForLeaderEpochRequest, offsetForLeaderEpochResponse } from './23-offset-for-leader-epoch.js';
import { describeConfigsRequest, describeConfigsResponse } from './32-describe-configs.js';
import { alterConfigsRequest, alterConfigsResponse } from './33-alter-configs.js';
import { describeLogDirsRequest, describeLogDirsResponse } from './35-describe-log-dirs.js';
import { createPartitionsRequest, createPartitionsResponse } from './37-create-partitions.js';
import { deleteGroupsRequest, deleteGroupsResponse } from './42-delete-groups.js';
import { electLeadersRequest, electLeadersResponse } from './43-elect-leaders.js';
import {
  incrementalAlterConfigsRequest,
  incrementalAlterConfigsResponse,
} from './44-incremental-alter-configs.js';
import {
  alterPartitionReassignmentsRequest,
  alterPartitionReassignmentsResponse,
} from './45-alter-partition-reassignments.js';
import {
  listPartitionReassignmentsRequest,
  listPartitionReassignmentsResponse,
} from './46-list-partition-reassignments.js';
import { offsetDeleteRequest, offsetDeleteResponse } from './47-offset-delete.js';
import { describeClientQuotasRequest, describeClientQuotasResponse } from './48-describe-client-quotas.js';
import { alterClientQuotasRequest, alterClientQuotasResponse } from './49-alter-client-quotas.js';
import { describeQuorumRequest, describeQuorumResponse } from './55-describe-quorum.js';
import { updateFeaturesRequest, updateFeaturesResponse } from './57-update-features.js';
import { describeClusterRequest, describeClusterResponse } from './60-describe-cluster.js';
import {
  consumerGroupHeartbeatRequest,
  consumerGroupHeartbeatResponse,
} from './68-consumer-group-heartbeat.js';
import { consumerGroupDescribeRequest, consumerGroupDescribeResponse } from './69-consumer-group-describe.js';
import { listConfigResourcesRequest, listConfigResourcesResponse } from './74-list-config-resources.js';
import {
  describeTopicPartitionsRequest,
  describeTopicPartitionsResponse,
} from './75-describe-topic-partitions.js';
import { shareGroupHeartbeatRequest, shareGroupHeartbeatResponse } from './76-share-group-heartbeat.js';
import { shareGroupDescribeRequest, shareGroupDescribeResponse } from './77-share-group-describe.js';
import { shareFetchRequest, shareFetchResponse } from './78-share-fetch.js';
import { shareAcknowledgeRequest, shareAcknowledgeResponse } from './79-share-acknowledge.js';
import {
  initializeShareGroupStateRequest,
  initializeShareGroupStateResponse,
} from './83-initialize-share-group-state.js';
import { readShareGroupStateRequest, readShareGroupStateResponse } from './84-read-share-group-state.js';
import { writeShareGroupStateRequest, writeShareGroupStateResponse } from './85-write-share-group-state.js';
import {
  deleteShareGroupStateRequest,
  deleteShareGroupStateResponse,
} from './86-delete-share-group-state.js';
import {
  readShareGroupStateSummaryRequest,
  readShareGroupStateSummaryResponse,
} from './87-read-share-group-state-summary.js';
import {
  describeShareGroupOffsetsRequest,
  describeShareGroupOffsetsResponse,
} from './90-describe-share-group-offsets.js';
import {
  alterShareGroupOffsetsRequest,
  alterShareGroupOffsetsResponse,
} from './91-alter-share-group-offsets.js';
import {
  deleteShareGroupOffsetsRequest,
  deleteShareGroupOffsetsResponse,
} from './92-delete-share-group-offsets.js';
import { ApiKey } from './api-keys.js';

export interface Api {
  readonly key: number;
  readonly request: Message;
  readonly response: Message;
}

function api(request: Message, response: Message): Api {
  const { key } = request;
  assert(key !== null && key === response.key, `${request.name} and ${response.name} share a key`);
  assert(
    request.versions.join() === response.versions.join(),
    `${request.name} and its response share versions`,
  );
  return { key, request, response };
}

/** Every defined API, by ascending key. */
export const apis: readonly Api[] = [
  api(produceRequest, produceResponse),
  api(fetchRequest, fetchResponse),
  api(listOffsetsRequest, listOffsetsResponse),
  api(metadataRequest, metadataResponse),
  api(offsetCommitRequest, offsetCommitResponse),
  api(offsetFetchRequest, offsetFetchResponse),
  api(findCoordinatorRequest, findCoordinatorResponse),
  api(joinGroupRequest, joinGroupResponse),
  api(heartbeatRequest, heartbeatResponse),
  api(leaveGroupRequest, leaveGroupResponse),
  api(syncGroupRequest, syncGroupResponse),
  api(describeGroupsRequest, describeGroupsResponse),
  api(listGroupsRequest, listGroupsResponse),
  api(apiVersionsRequest, apiVersionsResponse),
  api(createTopicsRequest, createTopicsResponse),
  api(deleteTopicsRequest, deleteTopicsResponse),
  api(deleteRecordsRequest, deleteRecordsResponse),
  api(initProducerIdRequest, initProducerIdResponse),
  api(offsetForLeaderEpochRequest, offsetForLeaderEpochResponse),
  api(describeConfigsRequest, describeConfigsResponse),
  api(alterConfigsRequest, alterConfigsResponse),
  api(describeLogDirsRequest, describeLogDirsResponse),
  api(createPartitionsRequest, createPartitionsResponse),
  api(deleteGroupsRequest, deleteGroupsResponse),
  api(electLeadersRequest, electLeadersResponse),
  api(incrementalAlterConfigsRequest, incrementalAlterConfigsResponse),
  api(alterPartitionReassignmentsRequest, alterPartitionReassignmentsResponse),
  api(listPartitionReassignmentsRequest, listPartitionReassignmentsResponse),
  api(offsetDeleteRequest, offsetDeleteResponse),
  api(describeClientQuotasRequest, describeClientQuotasResponse),
  api(alterClientQuotasRequest, alterClientQuotasResponse),
  api(describeQuorumRequest, describeQuorumResponse),
  api(updateFeaturesRequest, updateFeaturesResponse),
  api(describeClusterRequest, describeClusterResponse),
  api(consumerGroupHeartbeatRequest, consumerGroupHeartbeatResponse),
  api(consumerGroupDescribeRequest, consumerGroupDescribeResponse),
  api(listConfigResourcesRequest, listConfigResourcesResponse),
  api(describeTopicPartitionsRequest, describeTopicPartitionsResponse),
  api(shareGroupHeartbeatRequest, shareGroupHeartbeatResponse),
  api(shareGroupDescribeRequest, shareGroupDescribeResponse),
  api(shareFetchRequest, shareFetchResponse),
  api(shareAcknowledgeRequest, shareAcknowledgeResponse),
  api(initializeShareGroupStateRequest, initializeShareGroupStateResponse),
  api(readShareGroupStateRequest, readShareGroupStateResponse),
  api(writeShareGroupStateRequest, writeShareGroupStateResponse),
  api(deleteShareGroupStateRequest, deleteShareGroupStateResponse),
  api(readShareGroupStateSummaryRequest, readShareGroupStateSummaryResponse),
  api(describeShareGroupOffsetsRequest, describeShareGroupOffsetsResponse),
  api(alterShareGroupOffsetsRequest, alterShareGroupOffsetsResponse),
  api(deleteShareGroupOffsetsRequest, deleteShareGroupOffsetsResponse),
];

const BY_KEY: (Api | undefined)[] = [];
for (const entry of apis) {
  assert(BY_KEY[entry.key] === undefined, `API ${entry.key} is listed twice`);
  BY_KEY[entry.key] = entry;
}

export function apiOf(key: number): Api | undefined {
  return BY_KEY[key];
}

/** The schema defines this version of this API. */
export function isDefined(key: number, version: number): boolean {
  const entry = BY_KEY[key];
  return entry !== undefined && hasVersion(entry.request, version);
}

/** 2 for flexible versions; holds for versions above the defined ones too, as ApiVersions needs (its error answer). */
export function requestHeaderVersion(key: number, version: number): 1 | 2 {
  const entry = BY_KEY[key];
  return entry !== undefined && isFlexible(entry.request, version) ? 2 : 1;
}

/** 1 for flexible versions, but always 0 for ApiVersions. */
export function responseHeaderVersion(key: number, version: number): 0 | 1 {
  const entry = BY_KEY[key];
  if (entry === undefined || key === ApiKey.ApiVersions) return 0;
  return isFlexible(entry.response, version) ? 1 : 0;
}
