/** The assignors that group.consumer.assignors may name, by short name or by Kafka's class name. */
import type { Assignor } from './assignor.js';
import { rangeAssignor } from './range.js';
import { uniformAssignor } from './uniform.js';

const BUILT_IN = new Map<string, Assignor>([
  ['uniform', uniformAssignor],
  ['range', rangeAssignor],
  ['org.apache.kafka.coordinator.group.assignor.UniformAssignor', uniformAssignor],
  ['org.apache.kafka.coordinator.group.assignor.RangeAssignor', rangeAssignor],
]);

export function assignorOf(configured: string): Assignor | undefined {
  return BUILT_IN.get(configured);
}
