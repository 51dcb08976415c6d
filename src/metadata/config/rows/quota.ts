import { broker, type ConfigRow } from '../row.js';
import { atLeast } from '../validators.js';

/** Quota windows and rates (QuotaConfig.java). */
export const QUOTA_ROWS: readonly ConfigRow[] = [
  broker('quota.window.num', 'INT', '11', 'Samples kept for client quotas.', { valid: atLeast(1) }),
  broker('replication.quota.window.num', 'INT', '11', 'Samples kept for replication quotas.', {
    valid: atLeast(1),
    effect: false,
  }),
  broker('alter.log.dirs.replication.quota.window.num', 'INT', '11', 'Samples kept for directory moves.', {
    valid: atLeast(1),
    effect: false,
  }),
  broker('controller.quota.window.num', 'INT', '11', 'Samples kept for controller mutation quotas.', {
    valid: atLeast(1),
  }),
  broker('quota.window.size.seconds', 'INT', '1', 'Length of a client quota sample.', { valid: atLeast(1) }),
  broker('replication.quota.window.size.seconds', 'INT', '1', 'Length of a replication quota sample.', {
    valid: atLeast(1),
    effect: false,
  }),
  broker(
    'alter.log.dirs.replication.quota.window.size.seconds',
    'INT',
    '1',
    'Length of a directory-move sample.',
    { valid: atLeast(1), effect: false },
  ),
  broker('controller.quota.window.size.seconds', 'INT', '1', 'Length of a controller mutation sample.', {
    valid: atLeast(1),
  }),
  broker('client.quota.callback.class', 'CLASS', null, 'Java class that computes quotas.', { effect: false }),
];
