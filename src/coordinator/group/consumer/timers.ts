/** Keys of a consumer group's timers. */
import { timerKey } from '../../framework/timer-key.js';

export const CONSUMER_SESSION = 'consumer-session';
export const CONSUMER_REBALANCE = 'consumer-rebalance';
export const CONSUMER_JOIN = 'consumer-join';
export const CONSUMER_SYNC = 'consumer-sync';
export const CONSUMER_REGEX = 'consumer-regex';

/** The member has not been heard of. */
export function sessionTimerKey(groupId: string, memberId: string): string {
  return timerKey(CONSUMER_SESSION, groupId, memberId);
}
/** The member must have given up what it was asked to. */
export function rebalanceTimerKey(groupId: string, memberId: string): string {
  return timerKey(CONSUMER_REBALANCE, groupId, memberId);
}
/** A member of the classic protocol was told to rejoin. */
export function joinTimerKey(groupId: string, memberId: string): string {
  return timerKey(CONSUMER_JOIN, groupId, memberId);
}
/** A member of the classic protocol has joined and must fetch its assignment. */
export function syncTimerKey(groupId: string, memberId: string): string {
  return timerKey(CONSUMER_SYNC, groupId, memberId);
}
/** Topics are being matched against the group's regular expressions. */
export function regexTimerKey(groupId: string): string {
  return timerKey(CONSUMER_REGEX, groupId);
}

export function memberTimerKeys(groupId: string, memberId: string): string[] {
  return [sessionTimerKey, rebalanceTimerKey, joinTimerKey, syncTimerKey].map((key) =>
    key(groupId, memberId),
  );
}
