import { broker, type ConfigRow } from '../row.js';
import { atLeast, oneOf } from '../validators.js';

/** Replication between brokers (ReplicationConfigs.java). */
export const REPLICATION_ROWS: readonly ConfigRow[] = [
  broker('controller.socket.timeout.ms', 'INT', '30000', 'Socket timeout towards the controller.', {
    effect: false,
  }),
  broker('default.replication.factor', 'INT', '1', 'Replicas of a topic that is created without a factor.'),
  broker(
    'replica.lag.time.max.ms',
    'LONG',
    '30000',
    'Time after which a follower that lags leaves the in-sync set.',
    { effect: false },
  ),
  broker('replica.socket.timeout.ms', 'INT', '30000', "Socket timeout of a follower's requests.", {
    effect: false,
  }),
  broker('replica.socket.receive.buffer.bytes', 'INT', '65536', "Receive buffer of a follower's sockets.", {
    effect: false,
  }),
  broker('replica.fetch.max.bytes', 'INT', '1048576', 'Bytes a follower asks for per partition.', {
    valid: atLeast(0),
    effect: false,
  }),
  broker('replica.fetch.wait.max.ms', 'INT', '500', "Longest wait of a follower's fetch.", { effect: false }),
  broker('replica.fetch.backoff.ms', 'INT', '1000', 'Pause of a follower after a failed fetch.', {
    valid: atLeast(0),
    effect: false,
  }),
  broker('replica.fetch.min.bytes', 'INT', '1', 'Bytes a follower waits for.', { effect: false }),
  broker('replica.fetch.response.max.bytes', 'INT', '10485760', 'Bytes a follower asks for per answer.', {
    valid: atLeast(0),
    effect: false,
  }),
  broker('num.replica.fetchers', 'INT', '1', 'Follower threads per source broker.', {
    valid: atLeast(1),
    dynamic: 'cluster-wide',
    effect: false,
  }),
  broker(
    'replica.high.watermark.checkpoint.interval.ms',
    'LONG',
    '5000',
    'How often high watermarks are written.',
  ),
  broker('fetch.purgatory.purge.interval.requests', 'INT', '1000', "Purge step of Kafka's fetch purgatory.", {
    effect: false,
  }),
  broker(
    'producer.purgatory.purge.interval.requests',
    'INT',
    '1000',
    "Purge step of Kafka's produce purgatory.",
    { effect: false },
  ),
  broker(
    'delete.records.purgatory.purge.interval.requests',
    'INT',
    '1',
    "Purge step of Kafka's DeleteRecords purgatory.",
    { effect: false },
  ),
  broker(
    'auto.leader.rebalance.enable',
    'BOOLEAN',
    'true',
    'Whether leadership drifts back to preferred replicas.',
    { effect: false },
  ),
  broker('leader.imbalance.check.interval.seconds', 'LONG', '300', 'How often leader balance is looked at.', {
    valid: atLeast(1),
    effect: false,
  }),
  broker('unclean.leader.election.interval.ms', 'LONG', '300000', 'How often unclean elections are tried.', {
    valid: atLeast(1),
    effect: false,
    internal: true,
  }),
  broker('unclean.leader.election.enable', 'BOOLEAN', 'false', 'Default of unclean.leader.election.enable.', {
    dynamic: 'cluster-wide',
  }),
  broker('security.inter.broker.protocol', 'STRING', 'PLAINTEXT', 'Security protocol between brokers.', {
    valid: oneOf('PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'),
    effect: false,
  }),
  broker('inter.broker.listener.name', 'STRING', null, 'Listener that brokers use among themselves.'),
  broker(
    'replica.selector.class',
    'STRING',
    null,
    'Java class that picks the replica a consumer reads from.',
    { effect: false },
  ),
  broker(
    'follower.fetch.last.tiered.offset.enable',
    'BOOLEAN',
    'false',
    'Where new followers start under tiered storage.',
    { dynamic: 'cluster-wide', effect: false },
  ),
];
