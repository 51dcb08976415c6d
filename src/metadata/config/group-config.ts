/** From a group's overrides and the broker's settings to what its coordinator needs (GroupConfig.java). */
import { assert } from '../../base/assert.js';
import type { BrokerConfig, ConfigTexts } from './broker-config.js';
import { GROUP_KEYS } from './catalog.js';
import { parseConfig } from './value.js';

/** The number in force for a group key: the override, else what the broker gives. */
export function groupNumber(broker: BrokerConfig, overrides: ConfigTexts, name: string): number {
  const row = GROUP_KEYS.get(name);
  assert(row?.synonym != null, `no group row for ${name}`);
  const own = overrides.get(name);
  const parsed = own === undefined ? null : parseConfig(row, own);
  // A directory that another version wrote may hold a value this one refuses.
  if (parsed !== null && 'value' in parsed && typeof parsed.value === 'number') return parsed.value;
  return broker.number(row.synonym);
}
