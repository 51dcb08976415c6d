/**
 * Quotas, ACLs, SCRAM credentials and delegation tokens in a metadata image: kept as the records that set them, for
 * whoever acts on them and for the next snapshot.
 */
import { unreachable } from '../../base/assert.js';
import type { MetadataRecord } from '../../protocol/records/metadata-record.js';

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

export class SecurityTable {
  readonly #quotas = new Map<string, QuotaRecord>();
  readonly #acls = new Map<string, Of<'AccessControlEntryRecord'>['value']>();
  readonly #scram = new Map<string, Of<'UserScramCredentialRecord'>['value']>();
  readonly #tokens = new Map<string, Of<'DelegationTokenRecord'>['value']>();

  /** One entry per entity and key. */
  quotas(): IterableIterator<QuotaRecord> {
    return this.#quotas.values();
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
      case 'ClientQuotaRecord': {
        const key = quotaKey(record.value);
        if (record.value.remove) this.#quotas.delete(key);
        else this.#quotas.set(key, record.value);
        return;
      }
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
}

/** Entity in a fixed order, then the key; names may hold any character. */
function quotaKey(record: QuotaRecord): string {
  const entity = record.entity
    .map((part) => [part.entityType, part.entityName])
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  return JSON.stringify([entity, record.key]);
}
