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

const isText = (value: unknown): boolean => typeof value === 'string';
/** Kafka met an exception that it did not expect (UNKNOWN_SERVER_ERROR). */
const kafkaFailed = ({ kafka, path }: Difference): boolean => !path.endsWith('errorCode') || kafka === -1;

export const JUSTIFIED: readonly Justified[] = [
  {
    reason: 'only what works is advertised: APIs and features that Millrace does not serve are absent',
    key: ApiKey.ApiVersions,
    path: /^answer\.(apiKeys|supportedFeatures|finalizedFeatures)\[[\w.]+\]$/,
    when: ({ millrace }) => millrace === MISSING,
  },
  {
    reason:
      'older versions than Kafka 4 are served, for old shippers: ListOffsets 0, CreateTopics 0, DeleteTopics 0',
    key: ApiKey.ApiVersions,
    path: /^answer\.apiKeys\[(2|19|20)\]\.minVersion$/,
    when: ({ millrace }) => millrace === 0,
  },
  {
    reason: 'a topic is made at once, so that a timeout of 0 ms cannot pass before it is',
    key: ApiKey.CreateTopics,
    steps: /zero timeout/,
    path: /^answer\.topics\[hasty\]/,
  },
  {
    reason: 'the effective value is told, not the text that was sent',
    key: ApiKey.CreateTopics,
    steps: /" 5 "|delete, compact|TRUE/,
    path: /\.value$/,
    when: ({ kafka, millrace }) => String(kafka).replaceAll(' ', '').toLowerCase() === millrace,
  },
  {
    reason: 'nothing is made, so that no id is given out',
    key: ApiKey.CreateTopics,
    steps: /validate only|config/,
    path: /\.topicId$/,
    when: ({ kafka }) => kafka === '<uuid>',
  },
  {
    reason:
      'Kafka keeps the last of two batches for one partition and drops the other unseen; Millrace stores both',
    key: ApiKey.Produce,
    steps: /(partition|topic) twice/,
    path: /^answer\.responses/,
  },
  {
    reason: 'bytes behind the batch are refused; Kafka ignores them, and what they were is lost',
    key: ApiKey.Produce,
    steps: /a batch and|length short by one|length 48/,
    path: /^answer\.responses/,
  },
  {
    reason:
      'what Kafka stumbles over (an integer overflow, a codec without a number, a broken stream) has an error code here',
    key: ApiKey.Produce,
    steps: /length huge|unknown codec|that is none/,
    path: /(errorCode|logStartOffset)$/,
    when: kafkaFailed,
  },
  {
    reason: 'a bound of "no limit" is printed as the largest number that is exact, not as an overflow',
    key: ApiKey.Produce,
    steps: /two hours ahead/,
    path: /batchIndexErrorMessage$/,
  },
  {
    reason: 'other compression libraries: the same records in another number of bytes',
    key: ApiKey.Fetch,
    steps: /gzipped|zstd-only/,
    path: /\.sizeBytes$/,
  },
  {
    reason:
      'a negative limit counts as 0, and an unknown isolation level as read_uncommitted; Kafka fails inside',
    key: ApiKey.Fetch,
    steps: /negative (maxBytes|partitionMaxBytes)|isolation level/,
    path: /^answer\.(errorCode|responses)/,
  },
  {
    reason: 'an unknown isolation level counts as read_uncommitted; Kafka fails inside',
    key: ApiKey.ListOffsets,
    steps: /isolation level 7/,
    path: /^answer\.topics/,
  },
  {
    reason: 'a partition asked for twice is answered twice, a topic without partitions once',
    key: ApiKey.ListOffsets,
    steps: /a partition twice|no partitions/,
    path: /^answer\.topics/,
  },
  {
    reason: 'negative epochs do not exist; Kafka compares them with the first one all the same',
    key: ApiKey.OffsetForLeaderEpoch,
    steps: /epoch -2/,
    path: /(leaderEpoch|endOffset)$/,
  },
  {
    reason: 'both offsets of a partition named twice are answered; Kafka keeps the last',
    key: ApiKey.DeleteRecords,
    steps: /a partition twice/,
    path: /^answer\.topics/,
  },
  {
    reason: 'what Kafka stumbles over has an error code here',
    key: ApiKey.Metadata,
    steps: /by zero id and no name/,
    path: /^answer\.topics\[(null)?\]/,
  },
  {
    reason: 'what Kafka stumbles over has an error code here',
    key: ApiKey.DescribeTopicPartitions,
    steps: /bad names/,
    path: /errorCode$/,
    when: kafkaFailed,
  },
  {
    reason: 'metadata records are not numbered alike',
    key: ApiKey.DescribeQuorum,
    path: /highWatermark$/,
    when: ({ kafka, millrace }) => Number(kafka) > 0 && Number(millrace) > 0,
  },
  {
    reason: 'sizes of recompressed batches, and of what Kafka dropped or did not refuse',
    key: ApiKey.DescribeLogDirs,
    steps: /everything/,
    path: /topics\[(doomed|gzipped|zstd-only)\]/,
  },
  {
    reason: 'documentation is in our own words',
    key: ApiKey.DescribeConfigs,
    steps: /with documentation/,
    path: /\.documentation$/,
    when: ({ kafka, millrace }) => isText(kafka) && isText(millrace),
  },
  {
    reason: 'keys of Millrace, and of the authorizer that Kafka does not load by default',
    key: ApiKey.DescribeConfigs,
    steps: /the broker$/,
    path: /configs\[(millrace\..*|log\.validation|allow\.everyone\.if\.no\.acl\.found|super\.users)\]$/,
    when: ({ kafka }) => kafka === MISSING,
  },
  {
    reason: 'what Kafka stumbles over has an error code and a text here',
    key: ApiKey.IncrementalAlterConfigs,
    steps: /unknown operation/,
    path: /(errorCode|errorMessage)$/,
  },
  {
    reason: 'keys in the order in which they were sent, not of a hash set',
    key: ApiKey.IncrementalAlterConfigs,
    steps: /a read-only broker key/,
    path: /errorMessage$/,
  },
  {
    reason: 'the text that cannot be parsed, not where Java stumbled in it',
    key: ApiKey.IncrementalAlterConfigs,
    steps: /per\.ip\.overrides=what is this/,
    path: /errorMessage$/,
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
