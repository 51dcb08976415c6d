import { broker, type ConfigRow } from '../row.js';
import { atLeast, noDuplicates, noDuplicatesNotEmpty, oneOf } from '../validators.js';

/** Log directories, segments, retention, flushing (ServerLogConfigs, the broker half of LogConfig). */
export const LOG_ROWS: readonly ConfigRow[] = [
  broker('num.partitions', 'INT', '1', 'Partitions of a topic that is created without a count.', {
    valid: atLeast(1),
  }),
  broker('log.dir', 'LIST', '/tmp/kafka-logs', 'The one log directory, when log.dirs is not set.', {
    valid: noDuplicatesNotEmpty,
  }),
  broker('log.dirs', 'LIST', null, 'Comma-separated directories that hold the partitions.', {
    valid: noDuplicatesNotEmpty,
  }),
  broker('cordoned.log.dirs', 'LIST', '', 'Log directories that get no new partitions.', {
    valid: noDuplicates,
    dynamic: 'per-broker',
    effect: false,
  }),
  broker('log.segment.bytes', 'INT', '1073741824', 'Default of segment.bytes.', {
    valid: atLeast(1048576),
    dynamic: 'cluster-wide',
  }),
  broker('log.roll.ms', 'LONG', null, 'Default of segment.ms; log.roll.hours applies when unset.', {
    dynamic: 'cluster-wide',
  }),
  broker('log.roll.hours', 'INT', '168', 'Hours before a segment is rolled, when log.roll.ms is unset.', {
    valid: atLeast(1),
  }),
  broker(
    'log.roll.jitter.ms',
    'LONG',
    null,
    'Default of segment.jitter.ms; log.roll.jitter.hours applies when unset.',
    { dynamic: 'cluster-wide' },
  ),
  broker('log.roll.jitter.hours', 'INT', '0', 'Hours of roll jitter, when log.roll.jitter.ms is unset.', {
    valid: atLeast(0),
  }),
  broker(
    'log.retention.ms',
    'LONG',
    null,
    'Default of retention.ms; minutes and then hours apply when unset.',
    { dynamic: 'cluster-wide' },
  ),
  broker('log.retention.minutes', 'INT', null, 'Minutes a log is kept, when log.retention.ms is unset.'),
  broker(
    'log.retention.hours',
    'INT',
    '168',
    'Hours a log is kept, when neither milliseconds nor minutes are set.',
  ),
  broker('log.retention.bytes', 'LONG', '-1', 'Default of retention.bytes, per partition.', {
    dynamic: 'cluster-wide',
  }),
  broker(
    'log.retention.check.interval.ms',
    'LONG',
    '300000',
    'How often retention looks for segments to delete.',
    { valid: atLeast(1) },
  ),
  broker('log.cleanup.policy', 'LIST', 'delete', 'Default of cleanup.policy.', {
    valid: oneOf('compact', 'delete'),
    dynamic: 'cluster-wide',
  }),
  broker('log.index.size.max.bytes', 'INT', '10485760', 'Default of segment.index.bytes.', {
    valid: atLeast(4),
    dynamic: 'cluster-wide',
  }),
  broker('log.index.interval.bytes', 'INT', '4096', 'Default of index.interval.bytes.', {
    valid: atLeast(0),
    dynamic: 'cluster-wide',
  }),
  broker('log.flush.interval.messages', 'LONG', '9223372036854775807', 'Default of flush.messages.', {
    valid: atLeast(1),
    dynamic: 'cluster-wide',
  }),
  broker('log.segment.delete.delay.ms', 'LONG', '60000', 'Default of file.delete.delay.ms.', {
    valid: atLeast(0),
    dynamic: 'cluster-wide',
  }),
  broker(
    'log.flush.scheduler.interval.ms',
    'LONG',
    '9223372036854775807',
    'How often logs are checked for a due flush; also the fallback of log.flush.interval.ms.',
  ),
  broker('log.flush.interval.ms', 'LONG', null, 'Default of flush.ms.', { dynamic: 'cluster-wide' }),
  broker(
    'log.flush.offset.checkpoint.interval.ms',
    'INT',
    '60000',
    'How often recovery points are written.',
    { valid: atLeast(0) },
  ),
  broker(
    'log.flush.start.offset.checkpoint.interval.ms',
    'INT',
    '60000',
    'How often log start offsets are written.',
    { valid: atLeast(0) },
  ),
  broker('log.preallocate', 'BOOLEAN', 'false', 'Default of preallocate.', { dynamic: 'cluster-wide' }),
  broker(
    'num.recovery.threads.per.data.dir',
    'INT',
    '2',
    'Threads per directory that recover and flush logs at start and stop.',
    { valid: atLeast(1), dynamic: 'cluster-wide' },
  ),
  broker(
    'auto.create.topics.enable',
    'BOOLEAN',
    'true',
    'Whether a Metadata request may create the topics it names.',
  ),
  broker('min.insync.replicas', 'INT', '1', 'Default of min.insync.replicas.', {
    valid: atLeast(1),
    dynamic: 'cluster-wide',
  }),
  broker('log.message.timestamp.type', 'STRING', 'CreateTime', 'Default of message.timestamp.type.', {
    valid: oneOf('CreateTime', 'LogAppendTime'),
    dynamic: 'cluster-wide',
  }),
  broker(
    'log.message.timestamp.before.max.ms',
    'LONG',
    '9223372036854775807',
    'Default of message.timestamp.before.max.ms.',
    { valid: atLeast(0), dynamic: 'cluster-wide' },
  ),
  broker(
    'log.message.timestamp.after.max.ms',
    'LONG',
    '3600000',
    'Default of message.timestamp.after.max.ms.',
    { valid: atLeast(0), dynamic: 'cluster-wide' },
  ),
  broker('create.topic.policy.class.name', 'CLASS', null, 'Java policy class for topic creation.', {
    effect: false,
  }),
  broker('alter.config.policy.class.name', 'CLASS', null, 'Java policy class for configuration changes.', {
    effect: false,
  }),
  broker(
    'log.dir.failure.timeout.ms',
    'LONG',
    '30000',
    'Grace period to report a failed directory to the controllers.',
    { valid: atLeast(1), effect: false },
  ),
  broker('log.initial.task.delay.ms', 'LONG', '30000', 'Delay of the first background task, for tests.', {
    valid: atLeast(0),
    effect: false,
    internal: true,
  }),
];
