import { broker, type ConfigRow } from '../row.js';
import { atLeast, between } from '../validators.js';

/** Log compaction (CleanerConfig.java). */
export const CLEANER_ROWS: readonly ConfigRow[] = [
  broker('log.cleaner.threads', 'INT', '1', 'Background threads that compact logs.', {
    valid: atLeast(0),
    dynamic: 'cluster-wide',
  }),
  broker(
    'log.cleaner.io.max.bytes.per.second',
    'DOUBLE',
    '1.7976931348623157E308',
    'Read and write budget of all cleaners together.',
    { dynamic: 'cluster-wide' },
  ),
  broker(
    'log.cleaner.dedupe.buffer.size',
    'LONG',
    '134217728',
    'Memory for the key maps of all cleaners together.',
    { dynamic: 'cluster-wide' },
  ),
  broker(
    'log.cleaner.io.buffer.size',
    'INT',
    '524288',
    'Memory for the I/O buffers of all cleaners together.',
    { valid: atLeast(0), dynamic: 'cluster-wide' },
  ),
  broker('log.cleaner.io.buffer.load.factor', 'DOUBLE', '0.9', 'How full a key map may get.', {
    dynamic: 'cluster-wide',
  }),
  broker('log.cleaner.backoff.ms', 'LONG', '15000', 'Pause when there is nothing to clean.', {
    valid: atLeast(0),
    dynamic: 'cluster-wide',
  }),
  broker('log.cleaner.min.cleanable.ratio', 'DOUBLE', '0.5', 'Default of min.cleanable.dirty.ratio.', {
    valid: between(0, 1),
    dynamic: 'cluster-wide',
  }),
  broker('log.cleaner.enable', 'BOOLEAN', 'true', 'Whether logs are compacted at all.'),
  broker('log.cleaner.delete.retention.ms', 'LONG', '86400000', 'Default of delete.retention.ms.', {
    valid: atLeast(0),
    dynamic: 'cluster-wide',
  }),
  broker('log.cleaner.min.compaction.lag.ms', 'LONG', '0', 'Default of min.compaction.lag.ms.', {
    valid: atLeast(0),
    dynamic: 'cluster-wide',
  }),
  broker(
    'log.cleaner.max.compaction.lag.ms',
    'LONG',
    '9223372036854775807',
    'Default of max.compaction.lag.ms.',
    { valid: atLeast(1), dynamic: 'cluster-wide' },
  ),
];
