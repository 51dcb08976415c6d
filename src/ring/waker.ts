import type { WakeFunction, WakeHandle } from '../io/poller.js';
import type { Ring } from './ring.js';

/**
 * Rings the bell of a ring's owner. Called only by the producer to whom `Ring.signal` said true, which is once per
 * change from empty to non-empty.
 */
export interface Waker {
  wake(): void;
}

/** The owner blocks in `Ring.waitForWork` (a partition worker). */
export class AtomicsWaker implements Waker {
  constructor(private readonly ring: Ring) {}
  wake(): void {
    this.ring.token.notify();
  }
}

/** The owner has an event loop with a poller (a network thread). */
export class PollerWaker implements Waker {
  constructor(
    private readonly wakeFunction: WakeFunction,
    private readonly handle: WakeHandle,
  ) {}
  wake(): void {
    this.wakeFunction(this.handle);
  }
}

/** Signals after publishing and rings when needed; true = the bell was rung. */
export function signalAndWake(ring: Ring, waker: Waker): boolean {
  if (!ring.signal()) return false;
  waker.wake();
  return true;
}
