/** Connection limits as the network threads take them, from the configuration in force. Main thread. */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Report } from '../../base/report.js';
import { parseAddressOverrides } from '../../metadata/config/address-overrides.js';
import type { BrokerConfig } from '../../metadata/config/broker-config.js';
import type { ConnectionLimitSettings } from '../quota/connection-limits.js';

export async function connectionLimitSettings(
  config: BrokerConfig,
  listeners: readonly string[],
  report: Report,
): Promise<ConnectionLimitSettings> {
  const overrides = parseAddressOverrides(config.string('max.connections.per.ip.overrides'));
  const pairs = 'problem' in overrides ? [] : overrides.pairs;
  const interBroker = config.stringOrNull('inter.broker.listener.name')?.toUpperCase() ?? 'PLAINTEXT';
  return {
    connectionsMax: config.number('max.connections'),
    perAddressMax: config.number('max.connections.per.ip'),
    perAddressOverrides: await resolved(pairs, report),
    creationRate: config.number('max.connection.creation.rate'),
    listeners: listeners.map((name) => ({
      name,
      connectionsMax: config.listenerNumber(name, 'max.connections'),
      creationRate: config.listenerNumber(name, 'max.connection.creation.rate'),
      protected: listeners.length > 1 && name === interBroker,
    })),
  };
}

/** Every address of each host; a name that cannot be resolved is left out with a warning. */
async function resolved(
  pairs: readonly (readonly [host: string, max: number])[],
  report: Report,
): Promise<[string, number][]> {
  const found: [string, number][] = [];
  for (const [host, max] of pairs) {
    if (isIP(host) !== 0) {
      found.push([host, max]);
      continue;
    }
    try {
      for (const { address } of await lookup(host, { all: true })) found.push([address, max]);
    } catch {
      report('warn', `max.connections.per.ip.overrides: ${host} cannot be resolved and is left out`);
    }
  }
  return found;
}
