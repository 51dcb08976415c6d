/** Why bytes that claim to be records were refused. */
export type RecordErrorReason =
  /** Malformed; answered CORRUPT_MESSAGE or INVALID_RECORD. */
  | 'corrupt'
  /** Would exceed a named limit, most likely on purpose. */
  | 'tooLarge'
  /** A codec number or feature that nobody defines, or that this machine cannot run. */
  | 'unsupported'
  /** A limit on abandoned memory of this thread is reached; works again after the thread's next event-loop turn. */
  | 'busy';

/** Bad input in records or compressed data. Thrown off the per-record path only; iteration reports problems as values. */
export class RecordError extends Error {
  override readonly name = 'RecordError';
  constructor(
    readonly reason: RecordErrorReason,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}
