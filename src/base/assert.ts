/** Assertions stay on in production: a broken invariant stops the thread before it writes wrong bytes. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** Throws when an invariant of the program (never of its input) does not hold. */
export function assert(condition: boolean, what: string): asserts condition {
  if (!condition) throw new AssertionError(what);
}

/** For the default branch of an exhaustive switch. */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable: ${String(value)}`);
}

/** Asserts that `value` is a safe integer within [min, max]. */
export function assertInteger(value: number, min: number, max: number, name: string): void {
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw new AssertionError(`${name} = ${value}, expected an integer in [${min}, ${max}]`);
  }
}
