/** Keys of a share group's timers. */
import { timerKey } from '../../framework/timer-key.js';

export const SHARE_SESSION = 'share-session';

/** The member has not been heard of. */
export function shareSessionKey(groupId: string, memberId: string): string {
  return timerKey(SHARE_SESSION, groupId, memberId);
}
