/** Which answers can tell a client how long it has to wait, and where the number stands in them. */
import { isFlexible, type Message } from '../../wire/index.js';
import { structLayout } from '../../wire/layout.js';

const FIELD = 'throttleTimeMs';

/** The version has the field. */
export function tellsThrottleTime({ fields }: Message, version: number): boolean {
  const options = fields[FIELD]?.options;
  return options !== undefined && version >= (options.since ?? 0);
}

/** The body begins with it (an int32), as nearly all answers do. */
export function beginsWithThrottleTime(message: Message, version: number): boolean {
  return structLayout(message.fields, version, isFlexible(message, version)).plain[0]?.name === FIELD;
}
