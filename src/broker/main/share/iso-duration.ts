/** ISO 8601 durations of days and smaller (java.time.Duration): PnDTnHnMn.nS. Pure. */

const PATTERN =
  /^([+-])?P(?:([+-]?\d+)D)?(?:T(?=[\d+-])(?:([+-]?\d+)H)?(?:([+-]?\d+)M)?(?:([+-]?\d+(?:\.\d{0,9})?)S)?)?$/i;
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Milliseconds; null = not such a duration. */
export function durationMs(text: string): number | null {
  const match = PATTERN.exec(text);
  if (match === null || match.slice(2).every((part) => part === undefined)) return null;
  const [, sign, days = '0', hours = '0', minutes = '0', seconds = '0'] = match;
  const ms =
    Number(days) * DAY_MS +
    Number(hours) * HOUR_MS +
    Number(minutes) * MINUTE_MS +
    Number(seconds) * SECOND_MS;
  return Math.floor(sign === '-' ? -ms : ms);
}
