import { broker, type ConfigRow } from '../row.js';
import { atLeast, between, noDuplicatesNotEmpty, oneOf, oneOfIgnoringCase } from '../validators.js';

/** Consumer, share and streams groups: coordinator keys (GroupCoordinatorConfig, ShareGroupConfig, ShareCoordinatorConfig). */
export const GROUP_COORDINATOR_ROWS: readonly ConfigRow[] = [
  broker(
    'group.coordinator.rebalance.protocols',
    'LIST',
    'classic,consumer,streams',
    'Rebalance protocols that are offered.',
    { valid: oneOf('consumer', 'classic', 'share', 'streams') },
  ),
  broker('group.coordinator.threads', 'INT', '4', 'Coordinator threads of Kafka.', {
    valid: atLeast(1),
    effect: false,
  }),
  broker('group.coordinator.background.threads', 'INT', '2', "Helper threads of Kafka's coordinator.", {
    valid: atLeast(1),
    effect: false,
  }),
  broker(
    'group.coordinator.append.linger.ms',
    'INT',
    '-1',
    'How long coordinator writes gather; -1 adapts.',
    { valid: atLeast(-1), effect: false },
  ),
  broker('offsets.commit.timeout.ms', 'INT', '5000', 'Longest wait for a commit to be written.', {
    valid: atLeast(1),
    effect: false,
  }),
  broker('offsets.load.buffer.size', 'INT', '5242880', 'Read size when offsets are loaded.', {
    valid: atLeast(1),
    effect: false,
  }),
  broker('offsets.topic.replication.factor', 'SHORT', '3', 'Replicas of __consumer_offsets.', {
    valid: atLeast(1),
  }),
  broker(
    'offsets.topic.num.partitions',
    'INT',
    '50',
    'Partitions of __consumer_offsets; fixed once it exists.',
    { valid: atLeast(1) },
  ),
  broker('offsets.topic.segment.bytes', 'INT', '104857600', 'Segment size of __consumer_offsets.', {
    valid: atLeast(1),
  }),
  broker('offsets.topic.compression.codec', 'INT', '0', 'Codec number of __consumer_offsets batches.'),
  broker(
    'group.coordinator.cached.buffer.max.bytes',
    'INT',
    '1048588',
    'Largest write buffer that is kept.',
    { valid: atLeast(524288), dynamic: 'cluster-wide', effect: false },
  ),
  broker('offset.metadata.max.bytes', 'INT', '4096', 'Largest metadata string of a commit.'),
  broker('offsets.retention.minutes', 'INT', '10080', 'How long offsets of an empty group are kept.', {
    valid: atLeast(1),
  }),
  broker(
    'offsets.retention.check.interval.ms',
    'LONG',
    '600000',
    'How often expired offsets are looked for.',
    { valid: atLeast(1) },
  ),
  broker('group.min.session.timeout.ms', 'INT', '6000', 'Smallest session timeout of a classic member.'),
  broker('group.max.session.timeout.ms', 'INT', '1800000', 'Largest session timeout of a classic member.'),
  broker(
    'group.initial.rebalance.delay.ms',
    'INT',
    '3000',
    'Wait for more members before a new classic group first rebalances.',
  ),
  broker('group.max.size', 'INT', '2147483647', 'Most members of a classic group.', { valid: atLeast(1) }),
  broker('group.consumer.session.timeout.ms', 'INT', '45000', 'Session timeout of consumer groups.', {
    valid: atLeast(1),
  }),
  broker(
    'group.consumer.min.session.timeout.ms',
    'INT',
    '45000',
    'Smallest session timeout a consumer group can be given.',
    { valid: atLeast(1) },
  ),
  broker(
    'group.consumer.max.session.timeout.ms',
    'INT',
    '60000',
    'Largest session timeout a consumer group can be given.',
    { valid: atLeast(1) },
  ),
  broker(
    'group.consumer.heartbeat.interval.ms',
    'INT',
    '5000',
    'Heartbeat interval told to consumer group members.',
    { valid: atLeast(1) },
  ),
  broker(
    'group.consumer.min.heartbeat.interval.ms',
    'INT',
    '5000',
    'Smallest heartbeat interval a consumer group can be given.',
    { valid: atLeast(1) },
  ),
  broker(
    'group.consumer.max.heartbeat.interval.ms',
    'INT',
    '15000',
    'Largest heartbeat interval a consumer group can be given.',
    { valid: atLeast(1) },
  ),
  broker('group.consumer.max.size', 'INT', '2147483647', 'Most members of a consumer group.', {
    valid: atLeast(1),
  }),
  broker(
    'group.consumer.assignors',
    'LIST',
    'uniform,range',
    'Server-side assignors, the first being the default.',
    { valid: noDuplicatesNotEmpty },
  ),
  broker(
    'group.consumer.migration.policy',
    'STRING',
    'bidirectional',
    'Which way groups may change between the classic and the consumer protocol.',
    { valid: oneOfIgnoringCase('disabled', 'downgrade', 'upgrade', 'bidirectional') },
  ),
  broker(
    'group.consumer.assignment.interval.ms',
    'INT',
    '1000',
    'Least time between two assignments of a consumer group.',
    { valid: atLeast(0), dynamic: 'cluster-wide' },
  ),
  broker(
    'group.consumer.min.assignment.interval.ms',
    'INT',
    '0',
    'Smallest assignment interval a consumer group can be given.',
    { valid: atLeast(0) },
  ),
  broker(
    'group.consumer.max.assignment.interval.ms',
    'INT',
    '15000',
    'Largest assignment interval a consumer group can be given.',
    { valid: atLeast(0) },
  ),
  broker(
    'group.consumer.regex.refresh.interval.ms',
    'INT',
    '600000',
    'How often regular-expression subscriptions are resolved again.',
    { valid: atLeast(10000), internal: true },
  ),
  broker('group.share.session.timeout.ms', 'INT', '45000', 'Session timeout of share groups.', {
    valid: atLeast(1),
  }),
  broker('group.share.min.session.timeout.ms', 'INT', '45000', 'Smallest session timeout of a share group.', {
    valid: atLeast(1),
    effect: false,
  }),
  broker('group.share.max.session.timeout.ms', 'INT', '60000', 'Largest session timeout of a share group.', {
    valid: atLeast(1),
    effect: false,
  }),
  broker('group.share.heartbeat.interval.ms', 'INT', '5000', 'Heartbeat interval of share groups.', {
    valid: atLeast(1),
  }),
  broker(
    'group.share.min.heartbeat.interval.ms',
    'INT',
    '5000',
    'Smallest heartbeat interval of a share group.',
    { valid: atLeast(1), effect: false },
  ),
  broker(
    'group.share.max.heartbeat.interval.ms',
    'INT',
    '15000',
    'Largest heartbeat interval of a share group.',
    { valid: atLeast(1), effect: false },
  ),
  broker('group.share.max.size', 'INT', '200', 'Most members of a share group.', {
    valid: between(1, 1000),
  }),
  broker('group.share.assignors', 'LIST', 'simple', 'Assignors of share groups.', {
    valid: noDuplicatesNotEmpty,
    effect: false,
  }),
  broker(
    'group.share.assignment.interval.ms',
    'INT',
    '1000',
    'Least time between assignments of a share group.',
    { valid: atLeast(0), dynamic: 'cluster-wide' },
  ),
  broker(
    'group.share.min.assignment.interval.ms',
    'INT',
    '0',
    'Smallest assignment interval of a share group.',
    { valid: atLeast(0), effect: false },
  ),
  broker(
    'group.share.max.assignment.interval.ms',
    'INT',
    '15000',
    'Largest assignment interval of a share group.',
    { valid: atLeast(0), effect: false },
  ),
  broker(
    'group.share.initialize.retry.interval.ms',
    'INT',
    '30000',
    'Retry interval of share-group initialisation.',
    { valid: atLeast(1), internal: true },
  ),
];
