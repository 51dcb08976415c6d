/** Every configuration key that is known, by scope. Built once per thread from the row files. */
import { assert } from '../../base/assert.js';
import type { ConfigRow } from './row.js';
import { CLEANER_ROWS } from './rows/cleaner.js';
import { DYNAMIC_ONLY_ROWS } from './rows/dynamic-only.js';
import { GROUP_COORDINATOR_ROWS } from './rows/group.js';
import { GROUP_ROWS } from './rows/group-dynamic.js';
import { SHARE_ROWS } from './rows/group-share.js';
import { LOG_ROWS } from './rows/log.js';
import { METRIC_ROWS } from './rows/metrics.js';
import { MILLRACE_ROWS } from './rows/millrace.js';
import { NETWORK_ROWS } from './rows/network.js';
import { OAUTH_ROWS } from './rows/oauth.js';
import { QUOTA_ROWS } from './rows/quota.js';
import { RAFT_ROWS } from './rows/raft.js';
import { REMOTE_ROWS } from './rows/remote.js';
import { REPLICATION_ROWS } from './rows/replication.js';
import { SECURITY_ROWS } from './rows/security.js';
import { SERVER_ROWS } from './rows/server.js';
import { TOPIC_ROWS } from './rows/topic.js';
import { TRANSACTION_ROWS } from './rows/transaction.js';

function index(rows: readonly ConfigRow[]): ReadonlyMap<string, ConfigRow> {
  const map = new Map<string, ConfigRow>();
  for (const row of rows) {
    assert(!map.has(row.name), `two rows for ${row.name}`);
    map.set(row.name, row);
  }
  return map;
}

export const TOPIC_KEYS = index(TOPIC_ROWS);
export const GROUP_KEYS = index(GROUP_ROWS);
export const BROKER_KEYS = index([
  ...LOG_ROWS,
  ...CLEANER_ROWS,
  ...SERVER_ROWS,
  ...NETWORK_ROWS,
  ...REPLICATION_ROWS,
  ...GROUP_COORDINATOR_ROWS,
  ...SHARE_ROWS,
  ...TRANSACTION_ROWS,
  ...RAFT_ROWS,
  ...QUOTA_ROWS,
  ...SECURITY_ROWS,
  ...OAUTH_ROWS,
  ...REMOTE_ROWS,
  ...METRIC_ROWS,
  ...DYNAMIC_ONLY_ROWS,
  ...MILLRACE_ROWS,
]);

/** Broker keys that stand for one setting, strongest first (DynamicBrokerConfig.brokerConfigSynonyms). */
const SYNONYM_GROUPS: readonly (readonly string[])[] = [
  ['log.roll.ms', 'log.roll.hours'],
  ['log.roll.jitter.ms', 'log.roll.jitter.hours'],
  ['log.retention.ms', 'log.retention.minutes', 'log.retention.hours'],
];

/** All names under which a broker setting can be given, strongest first; a listener key falls back to its plain name. */
export function brokerSynonyms(name: string): readonly string[] {
  if (name === 'log.flush.interval.ms') return [name, 'log.flush.scheduler.interval.ms'];
  const group = SYNONYM_GROUPS.find((names) => names.includes(name));
  if (group) return group;
  const listener = /^listener\.name\.[^.]+\.(.+)$/.exec(name);
  if (!listener) return [name];
  const plain = listener[1];
  const mechanism = LISTENER_MECHANISM_KEYS.find((key) => plain.endsWith(key));
  return [name, mechanism ?? plain];
}

const LISTENER_MECHANISM_KEYS = [
  'sasl.jaas.config',
  'sasl.login.callback.handler.class',
  'sasl.login.class',
  'sasl.server.callback.handler.class',
  'connections.max.reauth.ms',
];

/** Row of a broker key; a listener-prefixed key has the row of its plain name. */
export function brokerRow(name: string): ConfigRow | undefined {
  const own = BROKER_KEYS.get(name);
  if (own || !name.startsWith('listener.name.')) return own;
  return BROKER_KEYS.get(brokerSynonyms(name)[1] ?? '');
}
