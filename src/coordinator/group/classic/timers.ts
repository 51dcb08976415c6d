/** Keys of a classic group's timers. */
import { timerKey } from '../../framework/timer-key.js';

export const CLASSIC_SESSION = 'classic-session';
export const CLASSIC_JOIN = 'classic-join';
export const CLASSIC_SYNC = 'classic-sync';

/** The member (or pending id) has not been heard of. */
export function sessionTimerKey(groupId: string, memberId: string): string {
  return timerKey(CLASSIC_SESSION, groupId, memberId);
}
/** The join phase ends: initial delay or rebalance timeout. */
export function joinTimerKey(groupId: string): string {
  return timerKey(CLASSIC_JOIN, groupId);
}
/** Members that joined must have sent SyncGroup. */
export function syncTimerKey(groupId: string): string {
  return timerKey(CLASSIC_SYNC, groupId);
}
