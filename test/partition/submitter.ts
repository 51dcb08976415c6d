import { type GatewayHandle, PartitionGateway } from '../../src/partition/gateway.js';

export interface SubmitterOptions {
  slots: number[];
  appends: number;
  /** Appends in flight at most. */
  window: number;
  /** Position and length of the batch to send, in this thread's slab. */
  batch: { position: number; length: number };
}

export interface SubmitterResult {
  completed: number;
  errors: number;
  /** By slot: base offsets in completion order. */
  offsets: number[][];
}

/** Sends `appends` appends round robin over `slots` as a network thread would; woken through its ports. */
export function submitAll(handle: GatewayHandle, options: SubmitterOptions): Promise<SubmitterResult> {
  const { slots, appends, window, batch } = options;
  const result: SubmitterResult = { completed: 0, errors: 0, offsets: slots.map(() => []) };
  return new Promise((resolve, reject) => {
    let next = 0;
    const expected = slots.map((_, i) => i); // next request number of each slot
    const turn = (): void => {
      gateway.drain(
        (completion) => {
          const at = slots.indexOf(completion.slot);
          if (completion.request !== expected[at]) reject(new Error(`request ${completion.request} out of order`));
          expected[at] += slots.length;
          result.completed++;
          if (completion.error === 0) result.offsets[at].push(completion.baseOffset);
          else result.errors++;
        },
        () => {},
      );
      while (next < appends && next - result.completed < window) {
        if (!gateway.submitAppend(slots[next % slots.length], next, batch.position, batch.length, 0)) break;
        next++;
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
      wakeHandle: null,
      onWake: turn,
    });
    // A network thread is kept alive by its poller; here by a timer that does nothing else.
    const alive = setInterval(() => {}, 1000);
    turn();
  });
}
