/** All steps, in the order in which they are asked. */
import type { Step } from '../step.js';
import { elections, features, reassignments } from './admin.js';
import { apiVersions, clusters, coordinators, logDirs, metadatas, quorums, topicPages } from './cluster.js';
import { altered, changed, described, dynamicBroker, groupConfigs, metrics, resources } from './configs.js';
import { consumerGroups } from './consumer-groups.js';
import { fetches, sessions } from './fetch.js';
import { groups } from './groups.js';
import { misbehaviour } from './misbehaviour.js';
import { erasing, leaderEpochs, lists } from './offsets.js';
import { codecSteps, plain, refused, rolling, timeSteps } from './produce.js';
import { ids, sequences } from './producers.js';
import { quotas } from './quotas.js';
import { shareGroups } from './share-groups.js';
import { creation, creationConfigs, deletion, partitions, setUp } from './topics.js';

export const tables: readonly Step[] = [
  ...apiVersions,
  ...setUp,
  ...creation,
  ...creationConfigs,
  ...partitions,
  ...plain,
  ...refused,
  ...codecSteps,
  ...timeSteps,
  ...rolling,
  ...ids,
  ...sequences,
  ...fetches,
  ...sessions,
  ...lists,
  ...leaderEpochs,
  ...metadatas,
  ...coordinators,
  ...clusters,
  ...quorums,
  ...topicPages,
  ...logDirs,
  ...erasing,
  ...described,
  ...altered,
  ...changed,
  ...resources,
  ...dynamicBroker,
  ...groupConfigs,
  ...metrics,
  ...elections,
  ...reassignments,
  ...features,
  ...quotas,
  ...misbehaviour,
  ...deletion,
  ...groups,
  ...consumerGroups,
  ...shareGroups,
];
