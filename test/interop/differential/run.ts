/** Asks both brokers, compares what came back, and keeps count of the differences that are justified. */
import { ApiKey } from '../../../src/protocol/index.js';
import { ask, learnTopics, type Outcome } from './ask.js';
import { type Difference, describeDifference, differences } from './compare.js';
import { type Justified, justification } from './justified.js';
import { normalise } from './normalise.js';
import type { Step, World } from './step.js';

/** APIs whose answers Kafka fills in the order of a hash map. */
const UNORDERED: ReadonlySet<number> = new Set([
  ApiKey.Produce,
  ApiKey.Metadata,
  ApiKey.ApiVersions,
  ApiKey.CreateTopics,
  ApiKey.DeleteTopics,
  ApiKey.DeleteRecords,
  ApiKey.OffsetForLeaderEpoch,
  ApiKey.DescribeConfigs,
  ApiKey.AlterConfigs,
  ApiKey.IncrementalAlterConfigs,
  ApiKey.DescribeLogDirs,
  ApiKey.CreatePartitions,
  ApiKey.ListConfigResources,
  ApiKey.ListOffsets,
  ApiKey.OffsetCommit,
  ApiKey.OffsetFetch,
  ApiKey.DescribeGroups,
  ApiKey.ListGroups,
  ApiKey.DeleteGroups,
  ApiKey.ConsumerGroupDescribe,
  ApiKey.OffsetDelete,
  ApiKey.ElectLeaders,
  ApiKey.UpdateFeatures,
  ApiKey.DescribeClientQuotas,
  ApiKey.AlterClientQuotas,
  ApiKey.ShareGroupHeartbeat,
  ApiKey.ShareGroupDescribe,
  ApiKey.InitializeShareGroupState,
  ApiKey.ReadShareGroupState,
  ApiKey.WriteShareGroupState,
  ApiKey.DeleteShareGroupState,
  ApiKey.ReadShareGroupStateSummary,
  ApiKey.DescribeShareGroupOffsets,
  ApiKey.AlterShareGroupOffsets,
  ApiKey.DeleteShareGroupOffsets,
]);
/** APIs that change what a broker's threads know only a moment after their answer. */
const SETTLE_MS: ReadonlyMap<number, number> = new Map([
  [ApiKey.CreateTopics, 120],
  [ApiKey.DeleteTopics, 120],
  [ApiKey.CreatePartitions, 120],
  [ApiKey.AlterConfigs, 120],
  [ApiKey.IncrementalAlterConfigs, 120],
]);
const CHANGE_TOPICS: ReadonlySet<number> = new Set([ApiKey.CreateTopics, ApiKey.DeleteTopics]);

export class Comparison {
  readonly used = new Set<Justified>();

  constructor(
    readonly kafka: World,
    readonly millrace: World,
  ) {}

  /** Throws with every difference that nothing justifies. */
  async run(step: Step): Promise<void> {
    const [kafka, millrace] = await Promise.all([outcome(step, this.kafka), outcome(step, this.millrace)]);
    const found = differences(kafka, millrace).filter((difference) => !this.isJustified(step, difference));
    if (found.length > 0)
      throw new Error(`${step.name}\n${found.slice(0, 12).map(describeDifference).join('\n')}`);
  }

  private isJustified(step: Step, difference: Difference): boolean {
    const reason = justification(step, difference);
    if (reason !== undefined) this.used.add(reason);
    return reason !== undefined;
  }
}

/** A failure to get an answer is an outcome as well: it must be the same on both sides. */
async function outcome(step: Step, world: World): Promise<unknown> {
  const got: Outcome | { kind: 'error'; error: string } = await ask(step, world).catch((error: unknown) => ({
    kind: 'error' as const,
    error: error instanceof Error ? error.message : String(error),
  }));
  const settleMs = step.settleMs ?? SETTLE_MS.get(step.key) ?? 0;
  if (settleMs > 0) await new Promise((done) => setTimeout(done, settleMs));
  if (CHANGE_TOPICS.has(step.key)) await learnTopics(world);
  return normalise(got, world, !UNORDERED.has(step.key));
}
