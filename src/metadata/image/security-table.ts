/**
 * Quotas, ACLs, SCRAM credentials and delegation tokens in a metadata image: kept as the records that set them, for
 * whoever acts on them and for the next snapshot.
 */
import { unreachable } from '../../base/assert.js';
import type { MetadataRecord } from '../../protocol/records/metadata-record.js';
import { entityKey, entityParts, type QuotaEntity } from './quota-entity.js';

type Of<Type extends MetadataRecord['type']> = Extract<MetadataRecord, { type: Type }>;
type SecurityTableRecord = Of<
  | 'ClientQuotaRecord'
  | 'AccessControlEntryRecord'
  | 'RemoveAccessControlEntryRecord'
  | 'UserScramCredentialRecord'
  | 'RemoveUserScramCredentialRecord'
  | 'DelegationTokenRecord'
  | 'RemoveDelegationTokenRecord'
>;

export type QuotaRecord = Of<'ClientQuotaRecord'>['value'];

/** One entity with its quotas by key. */
export interface EntityQuotas {
  readonly entity: QuotaEntity;
  readonly quotas: ReadonlyMap<string, number>;
}
const NO_QUOTAS: ReadonlyMap<string, number> = new Map();

export class SecurityTable {
  /** By entityKey. */
  readonly #quotas = new Map<string, { entity: QuotaEntity; quotas: Map<string, number> }>();
  /** Grows with every change of a quota. */
  quotaRevision = 0;
  readonly #acls = new Map<string, Of<'AccessControlEntryRecord'>['value']>();
  readonly #scram = new Map<string, Of<'UserScramCredentialRecord'>['value']>();
  readonly #tokens = new Map<string, Of<'DelegationTokenRecord'>['value']>();

  /** One record per entity and key. */
  *quotas(): IterableIterator<QuotaRecord> {
    for (const { entity, quotas } of this.#quotas.values()) {
      const parts = entityParts(entity);
      for (const [key, value] of quotas) yield { entity: parts, key, value, remove: false };
    }
  }
  quotaEntities(): IterableIterator<EntityQuotas> {
    return this.#quotas.values();
  }
  /** Quotas of the entity with this key (entityKey). */
  quotasOf(key: string): ReadonlyMap<string, number> {
    return this.#quotas.get(key)?.quotas ?? NO_QUOTAS;
  }
  acls(): IterableIterator<Of<'AccessControlEntryRecord'>['value']> {
    return this.#acls.values();
  }
  scramCredentials(): IterableIterator<Of<'UserScramCredentialRecord'>['value']> {
    return this.#scram.values();
  }
  scram(user: string, mechanism: number): Of<'UserScramCredentialRecord'>['value'] | undefined {
    return this.#scram.get(`${mechanism}:${user}`);
  }
  delegationTokens(): IterableIterator<Of<'DelegationTokenRecord'>['value']> {
    return this.#tokens.values();
  }

  replay(record: SecurityTableRecord): void {
    switch (record.type) {
      case 'ClientQuotaRecord':
        this.#setQuota(record.value);
        return;
      case 'AccessControlEntryRecord':
        this.#acls.set(record.value.id, record.value);
        return;
      case 'RemoveAccessControlEntryRecord':
        this.#acls.delete(record.value.id);
        return;
      case 'UserScramCredentialRecord':
        this.#scram.set(`${record.value.mechanism}:${record.value.name}`, record.value);
        return;
      case 'RemoveUserScramCredentialRecord':
        this.#scram.delete(`${record.value.mechanism}:${record.value.name}`);
        return;
      case 'DelegationTokenRecord':
        this.#tokens.set(record.value.tokenId, record.value);
        return;
      case 'RemoveDelegationTokenRecord':
        this.#tokens.delete(record.value.tokenId);
        return;
      default:
        unreachable(record);
    }
  }

  #setQuota({ entity: parts, key, value, remove }: QuotaRecord): void {
    this.quotaRevision++;
    const entity = new Map(parts.map(({ entityType, entityName }) => [entityType, entityName]));
    const name = entityKey(entity);
    let found = this.#quotas.get(name);
    if (remove) {
      found?.quotas.delete(key);
      if (found?.quotas.size === 0) this.#quotas.delete(name);
      return;
    }
    if (found === undefined) {
      found = { entity, quotas: new Map() };
      this.#quotas.set(name, found);
    }
    found.quotas.set(key, value);
  }
}
