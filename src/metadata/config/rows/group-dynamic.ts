import { type ConfigRow, group } from '../row.js';
import { atLeast, oneOf, shareOffsetReset } from '../validators.js';

/** Keys of one group (GroupConfig.java); the broker key that gives the default stands in `synonym`. */
export const GROUP_ROWS: readonly ConfigRow[] = [
  group('consumer.session.timeout.ms', 'INT', '45000', 'Session timeout of this consumer group.', {
    valid: atLeast(1),
    synonym: 'group.consumer.session.timeout.ms',
  }),
  group('consumer.heartbeat.interval.ms', 'INT', '5000', 'Heartbeat interval of this consumer group.', {
    valid: atLeast(1),
    synonym: 'group.consumer.heartbeat.interval.ms',
  }),
  group(
    'consumer.assignment.interval.ms',
    'INT',
    '1000',
    'Least time between assignments of this consumer group.',
    { valid: atLeast(0), synonym: 'group.consumer.assignment.interval.ms' },
  ),
  group('share.session.timeout.ms', 'INT', '45000', 'Session timeout of this share group.', {
    valid: atLeast(1),
    synonym: 'group.share.session.timeout.ms',
  }),
  group('share.heartbeat.interval.ms', 'INT', '5000', 'Heartbeat interval of this share group.', {
    valid: atLeast(1),
    synonym: 'group.share.heartbeat.interval.ms',
  }),
  group(
    'share.record.lock.duration.ms',
    'INT',
    '30000',
    "How long this share group's consumers hold a record.",
    { valid: atLeast(1000), synonym: 'group.share.record.lock.duration.ms' },
  ),
  group('share.delivery.count.limit', 'INT', '5', 'Deliveries of a record to this share group.', {
    valid: atLeast(2),
    synonym: 'group.share.delivery.count.limit',
  }),
  group(
    'share.partition.max.record.locks',
    'INT',
    '2000',
    'Records locked per partition of this share group.',
    { valid: atLeast(100), synonym: 'group.share.partition.max.record.locks' },
  ),
  group('share.auto.offset.reset', 'STRING', 'latest', 'Where this share group starts.', {
    valid: shareOffsetReset,
    synonym: 'share.auto.offset.reset',
  }),
  group(
    'share.isolation.level',
    'STRING',
    'read_uncommitted',
    'Whether this share group sees uncommitted records.',
    { valid: oneOf('read_committed', 'read_uncommitted'), synonym: 'share.isolation.level' },
  ),
  group(
    'share.renew.acknowledge.enable',
    'BOOLEAN',
    'true',
    'Whether locks of this share group can be renewed.',
    { synonym: 'share.renew.acknowledge.enable' },
  ),
  group(
    'share.assignment.interval.ms',
    'INT',
    '1000',
    'Least time between assignments of this share group.',
    { valid: atLeast(0), synonym: 'group.share.assignment.interval.ms' },
  ),
  group('streams.session.timeout.ms', 'INT', '45000', 'Session timeout of this streams group.', {
    valid: atLeast(1),
    synonym: 'group.streams.session.timeout.ms',
    effect: false,
  }),
  group('streams.heartbeat.interval.ms', 'INT', '5000', 'Heartbeat interval of this streams group.', {
    valid: atLeast(1),
    synonym: 'group.streams.heartbeat.interval.ms',
    effect: false,
  }),
  group('streams.num.standby.replicas', 'INT', '0', "Standby copies of this streams group's tasks.", {
    valid: atLeast(0),
    synonym: 'group.streams.num.standby.replicas',
    effect: false,
  }),
  group(
    'streams.initial.rebalance.delay.ms',
    'INT',
    '3000',
    'Wait before this streams group first rebalances.',
    { valid: atLeast(0), synonym: 'group.streams.initial.rebalance.delay.ms', effect: false },
  ),
  group(
    'streams.assignment.interval.ms',
    'INT',
    '1000',
    'Least time between assignments of this streams group.',
    { valid: atLeast(0), synonym: 'group.streams.assignment.interval.ms', effect: false },
  ),
];
