import { broker, type ConfigRow } from '../row.js';
import { atLeast, between, gzipLevel, noDuplicates, nonNull, oneOf } from '../validators.js';

/** The broker process itself (ServerConfigs.java). */
export const SERVER_ROWS: readonly ConfigRow[] = [
  broker('broker.id', 'INT', '-1', 'Older name of node.id.'),
  broker('message.max.bytes', 'INT', '1048588', 'Default of max.message.bytes.', {
    valid: atLeast(0),
    dynamic: 'cluster-wide',
  }),
  broker(
    'num.io.threads',
    'INT',
    '8',
    "Request handler threads of Kafka; Millrace's workers are set by millrace.partition.workers.max.",
    { valid: atLeast(1), dynamic: 'cluster-wide', effect: false },
  ),
  broker(
    'num.replica.alter.log.dirs.threads',
    'INT',
    null,
    'Threads that move replicas between directories.',
    { effect: false },
  ),
  broker('background.threads', 'INT', '10', 'Size of the pool for long CPU or disk work.', {
    valid: atLeast(1),
    dynamic: 'cluster-wide',
  }),
  broker('request.timeout.ms', 'INT', '30000', "Longest wait of the broker's own requests."),
  broker(
    'socket.connection.setup.timeout.ms',
    'LONG',
    '10000',
    "First connect timeout of the broker's own connections.",
    { effect: false },
  ),
  broker(
    'socket.connection.setup.timeout.max.ms',
    'LONG',
    '30000',
    "Largest connect timeout of the broker's own connections.",
    { effect: false },
  ),
  broker('config.providers', 'LIST', '', 'Java classes that resolve variables in values.', {
    valid: noDuplicates,
    dynamic: 'cluster-wide',
    effect: false,
  }),
  broker('authorizer.class.name', 'STRING', '', 'Authorizer; empty lets everybody do everything.', {
    valid: nonNull,
  }),
  broker('early.start.listeners', 'LIST', null, 'Listeners that accept before the authorizer is ready.', {
    valid: noDuplicates,
    effect: false,
  }),
  broker('broker.rack', 'STRING', null, 'Rack of this broker, told to clients.'),
  broker('controlled.shutdown.enable', 'BOOLEAN', 'true', 'Whether a stop hands leadership over first.'),
  broker('delete.topic.enable', 'BOOLEAN', 'true', 'Whether topics can be deleted by clients.'),
  broker('compression.type', 'STRING', 'producer', 'Default of compression.type.', {
    valid: oneOf('uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer'),
    dynamic: 'cluster-wide',
  }),
  broker('compression.gzip.level', 'INT', '-1', 'Default of compression.gzip.level.', {
    valid: gzipLevel,
    dynamic: 'cluster-wide',
  }),
  broker('compression.lz4.level', 'INT', '9', 'Default of compression.lz4.level.', {
    valid: between(1, 17),
    dynamic: 'cluster-wide',
  }),
  broker('compression.zstd.level', 'INT', '3', 'Default of compression.zstd.level.', {
    valid: between(-131072, 22),
    dynamic: 'cluster-wide',
  }),
  broker('max.incremental.fetch.session.cache.slots', 'INT', '1000', 'Fetch sessions kept at a time.', {
    valid: atLeast(0),
  }),
  broker('fetch.max.bytes', 'INT', '57671680', 'Largest answer to one Fetch, in bytes.', {
    valid: atLeast(1024),
  }),
  broker(
    'max.request.partition.size.limit',
    'INT',
    '2000',
    'Most partitions one DescribeTopicPartitions answer holds.',
    { valid: atLeast(1) },
  ),
  broker(
    'unstable.api.versions.enable',
    'BOOLEAN',
    'false',
    'Whether API versions under development are offered.',
    { effect: false, internal: true },
  ),
  broker(
    'unstable.feature.versions.enable',
    'BOOLEAN',
    'false',
    'Whether feature levels under development are offered.',
    { effect: false, internal: true },
  ),
];
