/** When the active segment is full (Kafka's LogSegment.shouldRoll). Pure. */
import type { AppendState } from './append-state.js';
import { ConfigColumn, StateColumn } from './append-state.js';
import type { LogConfig } from './contract.js';

export type RollReason = 'size' | 'time' | 'index' | 'offset-range';
const RELATIVE_OFFSET_MAX = 2 ** 31 - 1;

/**
 * Must the segment be rolled before a batch of `bytes` whose largest timestamp is `maxTimestamp` and last offset is
 * `lastOffset`? null = no. A message from the future can roll: the time that counts is the messages'.
 */
export function rollReason(
  state: AppendState,
  bytes: number,
  maxTimestamp: number,
  lastOffset: number,
  nowMs: number,
): RollReason | null {
  const size = state.get(StateColumn.segmentSizeBytes);
  if (size > state.get(ConfigColumn.segmentBytes) - bytes) return 'size';
  const first = state.get(StateColumn.segmentFirstTimestamp);
  const waited = first >= 0 ? maxTimestamp - first : nowMs - state.get(StateColumn.segmentCreatedMs);
  if (size > 0 && waited > state.get(ConfigColumn.segmentMs) - state.get(StateColumn.rollJitterMs))
    return 'time';
  if (state.get(StateColumn.offsetEntriesBound) >= state.get(ConfigColumn.offsetEntriesMax)) return 'index';
  if (state.get(StateColumn.timeEntriesBound) >= state.get(ConfigColumn.timeEntriesMax)) return 'index';
  if (lastOffset - state.get(StateColumn.segmentBase) > RELATIVE_OFFSET_MAX) return 'offset-range';
  return null;
}

/** Chosen once per segment. `random`: uniform in [0, 1). */
export function rollJitterMs(config: LogConfig, random: () => number): number {
  const range = Math.min(config.segmentJitterMs, config.segmentMs);
  return range > 0 ? Math.floor(random() * range) : 0;
}
