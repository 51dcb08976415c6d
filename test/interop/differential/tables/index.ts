/** All steps, in the order in which they are asked. */
import type { Step } from '../step.js';
import { codecSteps, plain, refused, rolling, timeSteps } from './produce.js';
import { ids, sequences } from './producers.js';
import { creation, creationConfigs, deletion, partitions, setUp } from './topics.js';

export const tables: readonly Step[] = [
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
  ...deletion,
];
