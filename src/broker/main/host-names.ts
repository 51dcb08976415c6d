/** Host names in requests, looked up as Kafka does: an address quota may name a host. Main thread; never blocks it. */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

/** Names looked up for one request: each may take seconds; those beyond are taken for unknown. */
const LOOK_UPS_MAX = 100;
const HOST_NAME_LENGTH_MAX = 255;

/** Those of `hosts` that are neither an address nor a name that can be resolved. */
export async function unresolvable(hosts: readonly string[]): Promise<ReadonlySet<string>> {
  const names = [...new Set(hosts)].filter((host) => isIP(host) === 0);
  const results = await Promise.all(
    names.map(async (name, row) => {
      if (row >= LOOK_UPS_MAX || name === '' || name.length > HOST_NAME_LENGTH_MAX) return false;
      return lookup(name).then(
        () => true,
        () => false,
      );
    }),
  );
  return new Set(names.filter((_, row) => !results[row]));
}
