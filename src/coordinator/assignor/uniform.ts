/**
 * `uniform`, the default: every member gets as many partitions as possible alike (balance), and keeps what it has where
 * balance allows (stickiness). Topics are not looked at as such: members may get three partitions of one topic and none of
 * another.
 */
import type { Assignment, Assignor, GroupSpec, PartitionCount } from './assignor.js';
import { assignHeterogeneous } from './uniform-heterogeneous.js';
import { assignHomogeneous } from './uniform-homogeneous.js';

export const uniformAssignor: Assignor = {
  name: 'uniform',
  assign(spec: GroupSpec, partitionCount: PartitionCount): Map<string, Assignment> {
    if (spec.members.size === 0) return new Map();
    return spec.subscriptionType === 'homogeneous'
      ? assignHomogeneous(spec, partitionCount)
      : assignHeterogeneous(spec, partitionCount);
  },
};
