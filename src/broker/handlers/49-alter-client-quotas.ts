/** AlterClientQuotas (key 49), versions 0-1 (KIP-546, KIP-612 addresses). Main thread. */
import { alterClientQuotas } from '../../metadata/controller/client-quotas.js';
import {
  alterClientQuotasRequest,
  alterClientQuotasResponse,
} from '../../protocol/49-alter-client-quotas.js';
import { mainHandler } from '../main/context.js';
import { unresolvable } from '../main/host-names.js';

export const alterClientQuotasHandler = mainHandler({
  request: alterClientQuotasRequest,
  response: alterClientQuotasResponse,
  versions: [0, 1],
  handle: async (context, { entries, validateOnly }) => {
    const hosts = entries.flatMap(({ entity }) =>
      entity.flatMap(({ entityType, entityName }) =>
        entityType === 'ip' && entityName !== null ? [entityName] : [],
      ),
    );
    const unknown = await unresolvable(hosts);
    return {
      entries: await context.submit((controller) =>
        alterClientQuotas(controller, entries, validateOnly, unknown),
      ),
    };
  },
});
