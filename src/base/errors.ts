/**
 * Errors of operations (not of programmers, not of the protocol): what happened, where, and what to do.
 * `code` is stable and machine-readable; `exitCode` is what the process ends with when start-up fails on it.
 */
export class OperationError extends Error {
  override readonly name = 'OperationError';
  constructor(
    readonly code: OperationErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
  get exitCode(): number {
    return EXIT_CODES[this.code];
  }
}

/** Every coded error of the project, with the exit code of a start that fails on it. */
export const EXIT_CODES = {
  CONFIG_INVALID: 2,
  PORT_IN_USE: 3,
  DIRECTORY_NOT_WRITABLE: 4,
  DISK_FULL: 5,
  CLUSTER_ID_MISMATCH: 6,
  METADATA_VERSION_UNSUPPORTED: 7,
  DIRECTORY_LOCKED: 8,
  NOT_FORMATTED: 9,
  METADATA_CORRUPT: 10,
  LOG_CORRUPT: 11,
  STORAGE_FAILED: 12,
  ADDON_MISMATCH: 13,
  ALREADY_FORMATTED: 14,
} as const;
export type OperationErrorCode = keyof typeof EXIT_CODES;

/** Node's `code` of a system error (ENOSPC, EADDRINUSE, …), or undefined. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string') {
    return error.code;
  }
  return undefined;
}

/** Causes of an error that are looked at; deeper ones are somebody's loop. */
const CAUSES_MAX = 8;

/** ENOSPC, EDQUOT or DISK_FULL anywhere in the chain of causes: a failure that passes when there is space again. */
export function isDiskFull(error: unknown): boolean {
  for (let cause = error, depth = 0; cause !== undefined && depth < CAUSES_MAX; depth++) {
    const code = systemCode(cause);
    if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'DISK_FULL') return true;
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return false;
}
