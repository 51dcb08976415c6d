/** Settings of a client metrics subscription (KIP-714, ClientMetricsConfigs.java). */
import { KafkaError } from '../../base/kafka-error.js';
import type { ConfigRefusal } from '../config/alter.js';
import type { ConfigTexts } from '../config/broker-config.js';

const KEYS = ['interval.ms', 'match', 'metrics'];
const INTERVAL_MS_MIN = 100;
const INTERVAL_MS_MAX = 3_600_000;

/** Why these settings are refused, or null. */
export function clientMetricsProblem(texts: ConfigTexts): ConfigRefusal | null {
  const refuse = (message: string): ConfigRefusal => ({ error: KafkaError.INVALID_REQUEST, message });
  for (const [name, text] of texts) {
    if (!KEYS.includes(name)) return refuse(`Unknown client metrics configuration: ${name}`);
    if (name !== 'interval.ms') continue;
    const interval = Number(text);
    if (!/^\d{1,10}$/.test(text.trim()) || interval < INTERVAL_MS_MIN || interval > INTERVAL_MS_MAX) {
      const range = `${INTERVAL_MS_MIN} and ${INTERVAL_MS_MAX} (1 hour)`;
      return refuse(`Invalid value ${text} for interval.ms, interval must be between ${range}`);
    }
  }
  return null;
}
