import { broker, type ConfigRow } from '../row.js';
import { atLeast } from '../validators.js';

const UNLIMITED = '9223372036854775807';

/** Rates that exist as dynamic broker settings only (QuotaConfig.java). */
export const DYNAMIC_ONLY_ROWS: readonly ConfigRow[] = [
  broker(
    'leader.replication.throttled.rate',
    'LONG',
    UNLIMITED,
    'Replication bytes a second a leader sends to throttled replicas.',
    { valid: atLeast(0), dynamic: 'cluster-wide', effect: false, internal: true },
  ),
  broker(
    'follower.replication.throttled.rate',
    'LONG',
    UNLIMITED,
    'Replication bytes a second a follower takes for throttled replicas.',
    { valid: atLeast(0), dynamic: 'cluster-wide', effect: false, internal: true },
  ),
  broker(
    'replica.alter.log.dirs.io.max.bytes.per.second',
    'LONG',
    UNLIMITED,
    'Bytes a second for moves between log directories.',
    { valid: atLeast(0), dynamic: 'cluster-wide', effect: false, internal: true },
  ),
];
