/** The clock every layer is given; nobody else may call Date.now or performance.now. */
export interface Clock {
  /** Wall clock, ms since 1970. */
  now(): number;
  /** Monotonic ms with a fraction; only differences mean anything. */
  monotonicMs(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
};

/** A clock that tests move by hand. */
export class ManualClock implements Clock {
  constructor(private nowMs = 1_700_000_000_000) {}
  now(): number {
    return this.nowMs;
  }
  monotonicMs(): number {
    return this.nowMs;
  }
  advance(ms: number): void {
    this.nowMs += ms;
  }
}
