/** Quotas of a network thread, before anybody has one. */

import { ClientQuotas } from '../../../src/broker/quota/client-quotas.js';
import { rateMemory, SharedRates } from '../../../src/broker/quota/shared-rates.js';
import { systemClock } from '../../../src/io/clock.js';

export function noQuotas(): ClientQuotas {
  const windows = { samples: 11, windowMs: 1000 };
  return new ClientQuotas(new SharedRates(rateMemory(1, windows), 0, 1, windows), systemClock);
}
