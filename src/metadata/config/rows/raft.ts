import { broker, type ConfigRow } from '../row.js';
import { atLeast, noDuplicatesNotEmpty, oneOf, quorumServers, quorumVoters } from '../validators.js';

/** KRaft node, quorum and metadata log (KRaftConfigs, QuorumConfig, MetadataLogConfig). */
export const RAFT_ROWS: readonly ConfigRow[] = [
  broker('process.roles', 'LIST', null, 'What this process is: broker, controller, or both.', {
    valid: oneOf('broker', 'controller'),
  }),
  broker('node.id', 'INT', null, 'Number of this node, unique in the cluster.', { valid: atLeast(0) }),
  broker(
    'initial.broker.registration.timeout.ms',
    'INT',
    '60000',
    'Longest wait for the first registration.',
    { effect: false },
  ),
  broker('broker.heartbeat.interval.ms', 'INT', '2000', 'Heartbeat interval towards the controllers.', {
    effect: false,
  }),
  broker('broker.session.timeout.ms', 'INT', '9000', 'Silence after which a controller fences a broker.', {
    effect: false,
  }),
  broker('controller.listener.names', 'LIST', null, 'Listeners that belong to the controller.', {
    valid: noDuplicatesNotEmpty,
  }),
  broker(
    'sasl.mechanism.controller.protocol',
    'STRING',
    'GSSAPI',
    'SASL mechanism towards the controllers.',
    { effect: false },
  ),
  broker(
    'controller.performance.sample.period.ms',
    'LONG',
    '60000',
    'Period of controller performance samples.',
    { valid: atLeast(100), effect: false, internal: true },
  ),
  broker(
    'controller.performance.always.log.threshold.ms',
    'LONG',
    '2000',
    'Controller events that are logged whatever happens.',
    { valid: atLeast(0), effect: false, internal: true },
  ),
  broker(
    'server.max.startup.time.ms',
    'LONG',
    '9223372036854775807',
    'Longest start before Kafka gives up.',
    { valid: atLeast(0), effect: false, internal: true },
  ),
  broker('controller.quorum.voters', 'LIST', '', 'Voters of a static quorum, as id@host:port.', {
    valid: quorumVoters,
  }),
  broker('controller.quorum.bootstrap.servers', 'LIST', '', 'Addresses that find a dynamic quorum.', {
    valid: quorumServers,
  }),
  broker(
    'controller.quorum.election.timeout.ms',
    'INT',
    '1000',
    'Time without a leader before an election.',
    { valid: atLeast(0), effect: false },
  ),
  broker(
    'controller.quorum.fetch.timeout.ms',
    'INT',
    '2000',
    'Time without a fetch before a leader or voter gives up.',
    { valid: atLeast(0), effect: false },
  ),
  broker('controller.quorum.election.backoff.max.ms', 'INT', '1000', 'Longest pause between elections.', {
    valid: atLeast(0),
    effect: false,
  }),
  broker('controller.quorum.append.linger.ms', 'INT', '25', 'How long quorum writes gather.', {
    valid: atLeast(0),
    effect: false,
  }),
  broker('controller.quorum.request.timeout.ms', 'INT', '2000', 'Longest wait of a quorum request.', {
    valid: atLeast(0),
    effect: false,
  }),
  broker('controller.quorum.retry.backoff.ms', 'INT', '20', 'Pause before a quorum request is repeated.', {
    valid: atLeast(0),
    effect: false,
  }),
  broker(
    'controller.quorum.auto.join.enable',
    'BOOLEAN',
    'false',
    'Whether a controller joins the voters by itself.',
    { effect: false },
  ),
  broker('controller.quorum.fetch.snapshot.max.bytes', 'INT', '1048576', 'Bytes per FetchSnapshot answer.', {
    valid: atLeast(1),
    effect: false,
  }),
  broker(
    'controller.quorum.fetch.max.bytes',
    'INT',
    '1048576',
    'Bytes per Fetch answer of the metadata log.',
    { valid: atLeast(1), effect: false },
  ),
  broker(
    'metadata.log.max.record.bytes.between.snapshots',
    'LONG',
    '20971520',
    'Bytes of metadata records between two snapshots.',
    { valid: atLeast(1) },
  ),
  broker(
    'metadata.log.max.snapshot.interval.ms',
    'LONG',
    '3600000',
    'Longest time between two snapshots; 0 switches the timer off.',
    { valid: atLeast(0) },
  ),
  broker(
    'metadata.log.dir',
    'STRING',
    null,
    'Directory of the metadata log, when it is not the first log directory.',
  ),
  broker('metadata.log.segment.bytes', 'INT', '1073741824', 'Segment size of the metadata log.', {
    valid: atLeast(8388608),
  }),
  broker('metadata.log.segment.ms', 'LONG', '604800000', 'Age at which a metadata segment is rolled.', {
    effect: false,
  }),
  broker(
    'metadata.max.retention.bytes',
    'LONG',
    '104857600',
    'Bytes of metadata log and snapshots that are kept.',
  ),
  broker('metadata.max.retention.ms', 'LONG', '604800000', 'Time metadata log and snapshots are kept.', {
    effect: false,
  }),
  broker(
    'metadata.max.idle.interval.ms',
    'INT',
    '500',
    "Interval of Kafka's no-op records; Millrace writes none.",
    { valid: atLeast(0), effect: false },
  ),
  broker(
    'internal.metadata.log.segment.bytes',
    'INT',
    null,
    'Metadata segment size without the lower bound, for tests.',
    { internal: true },
  ),
  broker(
    'internal.metadata.max.batch.size.in.bytes',
    'INT',
    '8388608',
    'Largest metadata batch, for tests.',
    { effect: false, internal: true },
  ),
  broker(
    'internal.metadata.delete.delay.millis',
    'LONG',
    '60000',
    'Delay of metadata file removal, for tests.',
    { effect: false, internal: true },
  ),
];
