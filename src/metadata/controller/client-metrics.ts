/** Settings of a client metrics subscription (KIP-714, ClientMetricsConfigs.java). */
import { KafkaError } from '../../base/kafka-error.js';
import type { ConfigRefusal } from '../config/alter.js';
import type { ConfigTexts } from '../config/broker-config.js';

const KEYS = ['interval.ms', 'match', 'metrics'];
const INTERVAL_MS_MIN = 100;
const INTERVAL_MS_MAX = 3_600_000;
const INT_MAX = 2 ** 31 - 1;
/** What a subscription can be matched by. */
const MATCH_KEYS = [
  'client_id',
  'client_instance_id',
  'client_software_name',
  'client_software_version',
  'client_source_address',
  'client_source_port',
];

/** Why these settings are refused, or null. */
export function clientMetricsProblem(texts: ConfigTexts): ConfigRefusal | null {
  for (const [name, text] of texts) {
    if (!KEYS.includes(name)) {
      return { error: KafkaError.INVALID_REQUEST, message: `Unknown client metrics configuration: ${name}` };
    }
    const problem =
      name === 'interval.ms' ? intervalProblem(text) : name === 'match' ? matchProblem(text) : null;
    if (problem !== null) return problem;
  }
  return null;
}

function intervalProblem(text: string): ConfigRefusal | null {
  const trimmed = text.trim();
  const interval = Number(trimmed);
  if (!/^[+-]?\d{1,10}$/.test(trimmed) || Math.abs(interval) > INT_MAX) {
    const message = `Invalid value ${trimmed} for configuration interval.ms: Not a number of type INT`;
    return { error: KafkaError.INVALID_CONFIG, message };
  }
  if (interval >= INTERVAL_MS_MIN && interval <= INTERVAL_MS_MAX) return null;
  const range = `${INTERVAL_MS_MIN} and ${INTERVAL_MS_MAX} (1 hour)`;
  const message = `Invalid value ${text} for interval.ms, interval must be between ${range}`;
  return { error: KafkaError.INVALID_REQUEST, message };
}

/** `name=pattern` pairs; patterns are regular expressions. */
function matchProblem(text: string): ConfigRefusal | null {
  for (const part of text.trim() === '' ? [] : text.trim().split(/\s*,\s*/)) {
    const [name = '', pattern, ...rest] = part.split('=').map((piece) => piece.trim());
    const legal =
      MATCH_KEYS.includes(name) && pattern !== undefined && rest.length === 0 && isPattern(pattern);
    if (legal) continue;
    return { error: KafkaError.INVALID_CONFIG, message: `Illegal client matching pattern: ${part}` };
  }
  return null;
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text, 'u');
    return true;
  } catch {
    return false;
  }
}
