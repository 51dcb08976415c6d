/**
 * Where Millrace may answer otherwise than Kafka, each with its reason. One that no step needs fails the suite: it would
 * hide the next real difference.
 */
import { ApiKey } from '../../../src/protocol/index.js';
import { type Difference, MISSING } from './compare.js';
import type { Step } from './step.js';

export interface Justified {
  readonly reason: string;
  readonly key: number;
  readonly steps?: RegExp;
  readonly path: RegExp;
  readonly when?: (difference: Difference) => boolean;
}

export const JUSTIFIED: readonly Justified[] = [
  {
    reason: 'only what works is advertised: APIs that Millrace does not serve are absent',
    key: ApiKey.ApiVersions,
    path: /^answer\.apiKeys\[\d+\]$/,
    when: ({ millrace }) => millrace === MISSING,
  },
];

export function justification(step: Step, difference: Difference): Justified | undefined {
  return JUSTIFIED.find(
    ({ key, steps, path, when }) =>
      key === step.key &&
      (steps === undefined || steps.test(step.name)) &&
      path.test(difference.path) &&
      (when === undefined || when(difference)),
  );
}
