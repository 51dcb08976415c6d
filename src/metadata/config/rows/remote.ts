import { broker, type ConfigRow } from '../row.js';
import { atLeast, between, nonEmptyString } from '../validators.js';

/** Tiered storage (RemoteLogManagerConfig): known, without effect. */
export const REMOTE_ROWS: readonly ConfigRow[] = [
  broker('remote.log.storage.system.enable', 'BOOLEAN', 'false', 'Tiered storage; Millrace has none.', {
    effect: false,
  }),
  broker(
    'remote.log.storage.manager.impl.prefix',
    'STRING',
    'rsm.config.',
    "Prefix of the storage plugin's keys.",
    { valid: nonEmptyString, effect: false },
  ),
  broker(
    'remote.log.metadata.manager.impl.prefix',
    'STRING',
    'rlmm.config.',
    "Prefix of the metadata plugin's keys.",
    { valid: nonEmptyString, effect: false },
  ),
  broker('remote.log.storage.manager.class.name', 'STRING', null, 'Java storage plugin.', {
    valid: nonEmptyString,
    effect: false,
  }),
  broker('remote.log.storage.manager.class.path', 'STRING', null, 'Class path of the storage plugin.', {
    effect: false,
  }),
  broker(
    'remote.log.metadata.manager.class.name',
    'STRING',
    'org.apache.kafka.server.log.remote.metadata.storage.TopicBasedRemoteLogMetadataManager',
    'Java metadata plugin.',
    { valid: nonEmptyString, effect: false },
  ),
  broker('remote.log.metadata.manager.class.path', 'STRING', null, 'Class path of the metadata plugin.', {
    effect: false,
  }),
  broker('remote.log.metadata.manager.listener.name', 'STRING', null, 'Listener the metadata plugin uses.', {
    valid: nonEmptyString,
    effect: false,
  }),
  broker(
    'remote.log.metadata.custom.metadata.max.bytes',
    'INT',
    '128',
    'Largest custom metadata of a segment.',
    { valid: atLeast(0), effect: false },
  ),
  broker(
    'remote.log.index.file.cache.total.size.bytes',
    'LONG',
    '1073741824',
    'Size of the remote index cache.',
    { valid: atLeast(1), dynamic: 'cluster-wide', effect: false },
  ),
  broker('remote.log.index.file.cache.ttl.ms', 'LONG', '900000', 'Life of a remote index cache entry.', {
    valid: atLeast(-1),
    effect: false,
    internal: true,
  }),
  broker('remote.log.manager.thread.pool.size', 'INT', '2', 'Threads that schedule tiering.', {
    valid: atLeast(1),
    effect: false,
  }),
  broker('remote.log.manager.copier.thread.pool.size', 'INT', '10', 'Threads that copy segments.', {
    valid: atLeast(1),
    dynamic: 'cluster-wide',
    effect: false,
  }),
  broker(
    'remote.log.manager.expiration.thread.pool.size',
    'INT',
    '10',
    'Threads that expire remote segments.',
    { valid: atLeast(1), dynamic: 'cluster-wide', effect: false },
  ),
  broker('remote.log.manager.follower.thread.pool.size', 'INT', '2', 'Threads for follower partitions.', {
    valid: atLeast(1),
    dynamic: 'cluster-wide',
    effect: false,
  }),
  broker('remote.log.manager.task.interval.ms', 'LONG', '30000', 'How often tiering runs.', {
    valid: atLeast(1),
    effect: false,
  }),
  broker(
    'remote.log.manager.task.retry.backoff.ms',
    'LONG',
    '500',
    'First pause after a failed tiering task.',
    { valid: atLeast(1), effect: false, internal: true },
  ),
  broker(
    'remote.log.manager.task.retry.backoff.max.ms',
    'LONG',
    '30000',
    'Longest pause after a failed tiering task.',
    { valid: atLeast(1), effect: false, internal: true },
  ),
  broker('remote.log.manager.task.retry.jitter', 'DOUBLE', '0.2', 'Random part of that pause.', {
    valid: between(0, 0.5),
    effect: false,
    internal: true,
  }),
  broker('remote.log.reader.threads', 'INT', '10', 'Threads that read remote data.', {
    valid: atLeast(1),
    dynamic: 'cluster-wide',
    effect: false,
  }),
  broker('remote.log.reader.max.pending.tasks', 'INT', '100', 'Reads that may wait.', {
    valid: atLeast(1),
    effect: false,
  }),
  broker('log.local.retention.ms', 'LONG', '-2', 'Default of local.retention.ms.', {
    valid: atLeast(-2),
    dynamic: 'cluster-wide',
    effect: false,
  }),
  broker('log.local.retention.bytes', 'LONG', '-2', 'Default of local.retention.bytes.', {
    valid: atLeast(-2),
    dynamic: 'cluster-wide',
    effect: false,
  }),
  broker('remote.log.manager.copy.max.bytes.per.second', 'LONG', '9223372036854775807', 'Upload budget.', {
    valid: atLeast(1),
    dynamic: 'cluster-wide',
    effect: false,
  }),
  broker('remote.log.manager.copy.quota.window.num', 'INT', '11', 'Samples of the upload budget.', {
    valid: atLeast(1),
    effect: false,
  }),
  broker('remote.log.manager.copy.quota.window.size.seconds', 'INT', '1', 'Length of an upload sample.', {
    valid: atLeast(1),
    effect: false,
  }),
  broker('remote.log.manager.fetch.max.bytes.per.second', 'LONG', '9223372036854775807', 'Download budget.', {
    valid: atLeast(1),
    dynamic: 'cluster-wide',
    effect: false,
  }),
  broker('remote.log.manager.fetch.quota.window.num', 'INT', '11', 'Samples of the download budget.', {
    valid: atLeast(1),
    effect: false,
  }),
  broker('remote.log.manager.fetch.quota.window.size.seconds', 'INT', '1', 'Length of a download sample.', {
    valid: atLeast(1),
    effect: false,
  }),
  broker('remote.fetch.max.wait.ms', 'INT', '500', 'Longest wait for remote data.', {
    valid: atLeast(1),
    dynamic: 'cluster-wide',
    effect: false,
  }),
  broker(
    'remote.list.offsets.request.timeout.ms',
    'LONG',
    '30000',
    'Longest wait for a remote offset lookup.',
    { valid: atLeast(1), dynamic: 'cluster-wide', effect: false },
  ),
];
