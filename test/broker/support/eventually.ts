import { sleep } from './requests.js';

/** Waits until the condition holds; fails with `what`, and what `state` tells, when it does not within `ms`. */
export async function eventually(
  what: string,
  condition: () => boolean | Promise<boolean>,
  ms = 15_000,
  state: () => unknown = () => '',
): Promise<void> {
  const deadline = performance.now() + ms;
  while (!(await condition())) {
    if (performance.now() > deadline) {
      throw new Error(`not within ${ms} ms: ${what} ${JSON.stringify(state(), null, 1)}`);
    }
    await sleep(10);
  }
}
