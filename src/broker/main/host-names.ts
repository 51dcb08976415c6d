/** Host names in requests, looked up as Kafka does: an address quota may name a host. Main thread; never blocks it. */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

/** Names looked up for one request: each may take seconds; those beyond are taken for unknown. */
const LOOK_UPS_MAX = 16;
const HOST_NAME_LENGTH_MAX = 255;

/** One look-up at a time, whoever asks: it holds one of the few threads that flush files too. */
let last: Promise<unknown> = Promise.resolve();

function isResolvable(name: string): Promise<boolean> {
  const found = last.then(() =>
    lookup(name).then(
      () => true,
      () => false,
    ),
  );
  last = found;
  return found;
}

/** Those of `hosts` that are neither an address nor a name that can be resolved. */
export async function unresolvable(hosts: readonly string[]): Promise<ReadonlySet<string>> {
  const names = [...new Set(hosts)].filter((host) => isIP(host) === 0);
  const unknown = new Set<string>();
  for (const [row, name] of names.entries()) {
    const askable = row < LOOK_UPS_MAX && name !== '' && name.length <= HOST_NAME_LENGTH_MAX;
    if (!askable || !(await isResolvable(name))) unknown.add(name);
  }
  return unknown;
}
