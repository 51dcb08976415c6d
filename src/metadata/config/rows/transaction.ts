import { broker, type ConfigRow } from '../row.js';
import { atLeast } from '../validators.js';

/** Transactions and producer ids (TransactionStateManagerConfig, TransactionLogConfig, AddPartitionsToTxnConfig). */
export const TRANSACTION_ROWS: readonly ConfigRow[] = [
  broker(
    'transactional.id.expiration.ms',
    'INT',
    '604800000',
    'How long an idle transactional id is remembered.',
    { valid: atLeast(1) },
  ),
  broker(
    'transaction.max.timeout.ms',
    'INT',
    '900000',
    'Largest transaction timeout a producer may ask for.',
    { valid: atLeast(1) },
  ),
  broker(
    'transaction.abort.timed.out.transaction.cleanup.interval.ms',
    'INT',
    '10000',
    'How often timed-out transactions are aborted.',
    { valid: atLeast(1) },
  ),
  broker(
    'transaction.remove.expired.transaction.cleanup.interval.ms',
    'INT',
    '3600000',
    'How often expired transactional ids are removed.',
    { valid: atLeast(1) },
  ),
  broker('transaction.two.phase.commit.enable', 'BOOLEAN', 'false', 'Whether two-phase commit is offered.', {
    effect: false,
  }),
  broker('transaction.state.log.min.isr', 'INT', '2', 'In-sync replicas __transaction_state needs.', {
    valid: atLeast(1),
  }),
  broker(
    'transaction.state.log.load.buffer.size',
    'INT',
    '5242880',
    'Read size when transaction state is loaded.',
    { valid: atLeast(1), effect: false },
  ),
  broker('transaction.state.log.replication.factor', 'SHORT', '3', 'Replicas of __transaction_state.', {
    valid: atLeast(1),
  }),
  broker(
    'transaction.state.log.num.partitions',
    'INT',
    '50',
    'Partitions of __transaction_state; fixed once it exists.',
    { valid: atLeast(1) },
  ),
  broker('transaction.state.log.segment.bytes', 'INT', '104857600', 'Segment size of __transaction_state.', {
    valid: atLeast(1),
  }),
  broker(
    'transaction.partition.verification.enable',
    'BOOLEAN',
    'true',
    'Whether a partition asks the coordinator before it takes the first record of a transaction.',
    { dynamic: 'cluster-wide' },
  ),
  broker('producer.id.expiration.ms', 'INT', '86400000', 'How long the state of an idle producer is kept.', {
    valid: atLeast(1),
    dynamic: 'cluster-wide',
  }),
  broker(
    'producer.id.expiration.check.interval.ms',
    'INT',
    '600000',
    'How often idle producers are looked for.',
    { valid: atLeast(1), internal: true },
  ),
  broker(
    'add.partitions.to.txn.retry.backoff.max.ms',
    'INT',
    '100',
    'Longest internal retry of adding a partition.',
    { valid: atLeast(0), effect: false },
  ),
  broker(
    'add.partitions.to.txn.retry.backoff.ms',
    'INT',
    '20',
    'Pause between internal retries of adding a partition.',
    { valid: atLeast(1), effect: false },
  ),
];
