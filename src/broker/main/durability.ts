import type { BrokerConfig } from '../../metadata/config/broker-config.js';

/** Kafka's "never": Long.MAX_VALUE as far as a double tells. */
const NEVER = Number.MAX_SAFE_INTEGER;

/** One line on what an acknowledgement promises under this configuration. */
export function durabilityText(config: BrokerConfig): string {
  const messages = config.number('log.flush.interval.messages');
  const ms = config.numberOrNull('log.flush.interval.ms') ?? NEVER;
  if (messages <= 1) return 'acknowledged = on disk: every append is flushed before its answer';
  const flush =
    messages >= NEVER && ms >= NEVER
      ? 'the kernel decides when it reaches the disk'
      : `flushed every ${messages >= NEVER ? '' : `${messages} records`}${messages < NEVER && ms < NEVER ? ' or ' : ''}${ms >= NEVER ? '' : `${ms} ms`}`;
  return `acknowledged = in the page cache (survives kill -9, not a power cut); ${flush}`;
}
