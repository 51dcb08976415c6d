/** Whom a client quota is for (ClientQuotaEntity.java): a name by entity type; null is the default of that type. */

export const QuotaEntityType = { USER: 'user', CLIENT_ID: 'client-id', IP: 'ip' } as const;

export type QuotaEntity = ReadonlyMap<string, string | null>;

/** As messages and records carry it; in the order in which Kafka gives the parts. */
export function entityParts(entity: QuotaEntity): { entityType: string; entityName: string | null }[] {
  return [...entity]
    .map(([entityType, entityName]) => ({ entityType, entityName }))
    .sort((a, b) => (a.entityType < b.entityType ? -1 : 1));
}

/** The same for equal entities, whatever the order of their parts; names may hold any character. */
export function entityKey(entity: QuotaEntity): string {
  return JSON.stringify([...entity].sort(([a], [b]) => (a < b ? -1 : 1)));
}
