/**
 * Which quota holds for a client (ClientQuotaManager.DefaultQuotaCallback): the first that is set of
 *
 *   user + client id · user + default client · user · default user + client id · default user + default client ·
 *   default user · client id · default client
 *
 * Who shares a rate follows from the same step: a quota of users is one rate a user, of clients one a client id, of pairs
 * one a pair. Built anew when the image's quotas change; any thread.
 */

import { QuotaEntityType } from '../../metadata/image/quota-entity.js';
import type { EntityQuotas } from '../../metadata/image/security-table.js';

export const QuotaKey = {
  PRODUCE: 'producer_byte_rate',
  FETCH: 'consumer_byte_rate',
  REQUEST: 'request_percentage',
  CONTROLLER_MUTATION: 'controller_mutation_rate',
  CONNECTION: 'connection_creation_rate',
} as const;

/** A limit, and the name of the rate that is held against it. */
export interface Limit {
  readonly name: string;
  /** Bytes a second, percent of a thread, partitions a second, or connections a second. */
  readonly limit: number;
}

/** Stands for the default of a type, and for a type that is not named; no client has such a name. */
const DEFAULT = '\u0000default';
const NONE = '\u0000none';

function nameOf(user: string, client: string): string {
  return `${user.length}:${user}${client}`;
}

/** Limits of one quota key. */
export class QuotaLimits {
  private readonly limits = new Map<string, number>();
  private readonly addresses = new Map<string, number>();
  private readonly key: string;

  constructor(key: string, entities: Iterable<EntityQuotas>) {
    this.key = key;
    for (const { entity, quotas } of entities) {
      const limit = quotas.get(key);
      if (limit === undefined) continue;
      const part = (type: string): string => {
        const name = entity.get(type);
        return name === undefined ? NONE : (name ?? DEFAULT);
      };
      if (entity.has(QuotaEntityType.IP)) this.addresses.set(part(QuotaEntityType.IP), limit);
      else this.limits.set(nameOf(part(QuotaEntityType.USER), part(QuotaEntityType.CLIENT_ID)), limit);
    }
  }

  /** Nobody has a quota of this key. */
  get isEmpty(): boolean {
    return this.limits.size === 0 && this.addresses.size === 0;
  }

  /** Of a client; null = it has none. */
  of(user: string, clientId: string): Limit | null {
    return (
      this.find(user, clientId, user, clientId) ??
      this.find(user, DEFAULT, user, clientId) ??
      this.find(user, NONE, user, NONE) ??
      this.find(DEFAULT, clientId, user, clientId) ??
      this.find(DEFAULT, DEFAULT, user, clientId) ??
      this.find(DEFAULT, NONE, user, NONE) ??
      this.find(NONE, clientId, NONE, clientId) ??
      this.find(NONE, DEFAULT, NONE, clientId)
    );
  }

  private find(user: string, client: string, rateUser: string, rateClient: string): Limit | null {
    const limit = this.limits.get(nameOf(user, client));
    return limit === undefined ? null : { name: `${this.key} ${nameOf(rateUser, rateClient)}`, limit };
  }

  /** Of an address. */
  ofAddress(address: string): Limit | null {
    const limit = this.addresses.get(address) ?? this.addresses.get(DEFAULT);
    return limit === undefined ? null : { name: `${this.key} ${address}`, limit };
  }
}
