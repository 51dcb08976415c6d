import type { WakeHandle } from '../../src/io/poller.js';
import { type GatewayHandle, PartitionGateway } from '../../src/partition/gateway.js';

export interface SubmitterOptions {
  slots: number[];
  appends: number;
  /** Appends in flight at most. */
  window: number;
  /** The slab holds `window` copies of a batch of `length` bytes, `stride` apart: each append in flight has its own,
   *  because the worker stamps offsets into them. */
  batch: { stride: number; length: number };
}

export interface SubmitterResult {
  completed: number;
  errors: number;
  /** By slot: base offsets in completion order. */
  offsets: number[][];
}

/** Sends `appends` appends round robin over `slots` as a network thread would; woken through its ports. */
export function submitAll(
  handle: GatewayHandle,
  options: SubmitterOptions,
  /** Gives the native wake handle of a poller that calls `onWake`; without one the ports wake. */
  poller?: (onWake: () => void) => WakeHandle,
): Promise<SubmitterResult> {
  const { slots, appends, window, batch } = options;
  const result: SubmitterResult = { completed: 0, errors: 0, offsets: slots.map(() => []) };
  return new Promise((resolve, reject) => {
    let next = 0;
    const free = Array.from({ length: window }, (_, i) => i * batch.stride);
    const positions = new Map<number, number>();
    const expected = slots.map((_, i) => i); // next request number of each slot
    const turn = (): void => {
      gateway.drain(
        (completion) => {
          const at = slots.indexOf(completion.slot);
          if (completion.request !== expected[at])
            reject(new Error(`request ${completion.request} out of order`));
          expected[at] += slots.length;
          result.completed++;
          free.push(positions.get(completion.request) ?? 0);
          positions.delete(completion.request);
          if (completion.error === 0) result.offsets[at].push(completion.baseOffset);
          else result.errors++;
        },
        () => {},
      );
      while (next < appends && free.length > 0) {
        const position = free[free.length - 1];
        if (!gateway.submitAppend(slots[next % slots.length], next, position, batch.length, 0)) break;
        positions.set(next++, position);
        free.pop();
      }
      gateway.flushWakes();
      if (result.completed === appends) {
        clearInterval(alive);
        gateway.close();
        resolve(result);
      }
    };
    const gateway = PartitionGateway.attach(handle, {
      engine: { attachLog: (_directory, token) => token, closeLog: () => {} },
      wakeHandle: poller?.(turn) ?? null,
      onWake: turn,
    });
    // A network thread is kept alive by its poller; here by a timer that does nothing else.
    const alive = setInterval(() => {}, 1000);
    turn();
  });
}
