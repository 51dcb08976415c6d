/** AlterClientQuotas (ClientQuotaControlManager): checks in Kafka's order, with its texts; one record a changed key. */
import { KafkaError } from '../../base/kafka-error.js';
import type {
  AlterClientQuotasRequest,
  AlterClientQuotasResponse,
} from '../../protocol/49-alter-client-quotas.js';
import type { MetadataRecordInput } from '../../protocol/records/metadata-record.js';
import { entityKey, entityParts, type QuotaEntity, QuotaEntityType } from '../image/quota-entity.js';
import { type Refusal, refusal } from './placement.js';
import type { ControllerContext, Plan } from './plan.js';

type Entry = AlterClientQuotasRequest['entries'][number];
type Result = AlterClientQuotasResponse['entries'][number];
type Kind = 'LONG' | 'INT' | 'DOUBLE';

const USER_AND_CLIENT_KEYS: ReadonlyMap<string, Kind> = new Map([
  ['producer_byte_rate', 'LONG'],
  ['consumer_byte_rate', 'LONG'],
  ['request_percentage', 'DOUBLE'],
  ['controller_mutation_rate', 'DOUBLE'],
]);
const ADDRESS_KEYS: ReadonlyMap<string, Kind> = new Map([['connection_creation_rate', 'INT']]);
const INT_MAX = 2 ** 31 - 1;
const LONG_MAX = 2 ** 63;
const FRACTION_MAX = 1e-6;

/** `unknownHosts`: names of address entities that cannot be resolved. */
export function alterClientQuotas(
  { image }: ControllerContext,
  entries: readonly Entry[],
  validateOnly: boolean,
  unknownHosts: ReadonlySet<string>,
): Plan<Result[]> {
  const records: MetadataRecordInput[] = [];
  const results = new Map<string, Result>();
  for (const { entity: parts, ops } of entries) {
    // as in Kafka, of a type that comes twice the last counts
    const entity = new Map(parts.map(({ entityType, entityName }) => [entityType, entityName]));
    const key = entityKey(entity);
    const result = ({ error, message }: Refusal): void => {
      const shown = entityParts(entity);
      results.set(key, { errorCode: error, errorMessage: message, entity: shown });
    };
    if (results.has(key) || new Set(ops.map((op) => op.key)).size !== ops.length) {
      result(refusal(KafkaError.INVALID_REQUEST, `Ignoring duplicate entity ${entityText(entity)}`));
      continue;
    }
    const made = alterEntity(image.security.quotasOf(key), entity, ops, unknownHosts);
    if (Array.isArray(made)) records.push(...made);
    result(Array.isArray(made) ? refusal(KafkaError.NONE, null) : made);
  }
  return { records: validateOnly ? [] : records, response: [...results.values()] };
}

/** ClientQuotaEntity.toString */
function entityText(entity: QuotaEntity): string {
  const parts = [...entity].map(([type, name]) => `${type}=${name}`);
  return `ClientQuotaEntity(entries={${parts.join(', ')}})`;
}

function alterEntity(
  now: ReadonlyMap<string, number>,
  entity: QuotaEntity,
  ops: Entry['ops'],
  unknownHosts: ReadonlySet<string>,
): MetadataRecordInput[] | Refusal {
  const problem = entityProblem(entity, unknownHosts);
  if (problem !== null) return refusal(KafkaError.INVALID_REQUEST, problem);
  const keys = entity.has(QuotaEntityType.IP) ? ADDRESS_KEYS : USER_AND_CLIENT_KEYS;
  const records: MetadataRecordInput[] = [];
  for (const { key, value, remove } of ops) {
    const before = now.get(key);
    const wrong = remove ? null : valueProblem(keys.get(key), key, value);
    if (wrong !== null) return refusal(KafkaError.INVALID_REQUEST, wrong);
    if (remove ? before === undefined : before === value) continue;
    const parts = entityParts(entity);
    const record = { entity: parts, key, value: remove ? 0 : value, remove };
    records.push({ type: 'ClientQuotaRecord', version: 0, value: record });
  }
  return records;
}

function entityProblem(entity: QuotaEntity, unknownHosts: ReadonlySet<string>): string | null {
  if (entity.size === 0) return 'Invalid empty client quota entity';
  const types: readonly string[] = Object.values(QuotaEntityType);
  for (const [type, name] of entity) {
    if (!types.includes(type)) return `Unhandled client quota entity type: ${type}`;
    if (name === '') return `Empty ${type} not supported`;
  }
  const ip = entity.get(QuotaEntityType.IP);
  if (ip === undefined) return null;
  if (entity.size > 1) {
    return 'Invalid quota entity combination, IP entity shouldnot be combined with User or ClientId';
  }
  return ip !== null && unknownHosts.has(ip) ? `${ip} is not a valid IP or resolvable host.` : null;
}

function valueProblem(kind: Kind | undefined, key: string, value: number): string | null {
  if (kind === undefined) return `Invalid configuration key ${key}`;
  if (value <= 0) return `Quota ${key} must be greater than 0`;
  if (kind === 'DOUBLE') return null;
  const max = kind === 'INT' ? INT_MAX : LONG_MAX;
  if (value > max)
    return `Proposed value for ${key} is too large for ${kind === 'INT' ? 'an' : 'a'} ${kind}.`;
  return Math.abs(value % 1) > FRACTION_MAX ? `${key} cannot be a fractional value.` : null;
}
