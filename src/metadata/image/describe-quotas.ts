/** DescribeClientQuotas (ClientQuotasImage.describe): the filter's checks in Kafka's order, then the entities it matches. */
import { KafkaError } from '../../base/kafka-error.js';
import type {
  DescribeClientQuotasRequest,
  DescribeClientQuotasResponse,
} from '../../protocol/48-describe-client-quotas.js';
import type { MetadataImage } from './metadata-image.js';
import { entityParts, type QuotaEntity, QuotaEntityType } from './quota-entity.js';

const MatchType = { EXACT: 0, DEFAULT: 1, SPECIFIED: 2 } as const;

type Component = DescribeClientQuotasRequest['components'][number];
/** What a type must be: a name, null for the default, ANY for whatever it is. */
const ANY = Symbol('any');
type Filter = Map<string, string | null | typeof ANY>;
type Problem = { readonly error: number; readonly message: string };

export function describeClientQuotas(
  image: MetadataImage,
  { components, strict }: DescribeClientQuotasRequest,
): DescribeClientQuotasResponse {
  const filter: Filter = new Map();
  for (const component of components) {
    const problem = addComponent(filter, component);
    if (problem !== null) return refused(problem);
  }
  if (filter.has(QuotaEntityType.IP) && filter.size > 1) {
    const message =
      'Invalid entity filter component combination. IP filter component should not be used with user or clientId filter component.';
    return refused({ error: KafkaError.INVALID_REQUEST, message });
  }
  const entries = [...image.security.quotaEntities()]
    .filter(({ entity }) => matches(filter, strict, entity))
    .map(({ entity, quotas }) => ({
      entity: entityParts(entity),
      values: [...quotas].map(([key, value]) => ({ key, value })),
    }));
  return { throttleTimeMs: 0, errorCode: KafkaError.NONE, errorMessage: '', entries };
}

function refused({ error, message }: Problem): DescribeClientQuotasResponse {
  return { throttleTimeMs: 0, errorCode: error, errorMessage: message, entries: null };
}

function addComponent(filter: Filter, { entityType, matchType, match }: Component): Problem | null {
  const invalid = (message: string): Problem => ({ error: KafkaError.INVALID_REQUEST, message });
  if (entityType === '') return invalid('Invalid empty entity type.');
  if (filter.has(entityType)) {
    return invalid(`Entity type ${entityType} cannot appear more than once in the filter.`);
  }
  const types: readonly string[] = Object.values(QuotaEntityType);
  if (!types.includes(entityType)) {
    return { error: KafkaError.UNSUPPORTED_VERSION, message: `Unsupported entity type ${entityType}` };
  }
  switch (matchType) {
    case MatchType.EXACT:
      if (match === null) {
        return invalid('Request specified MATCH_TYPE_EXACT, but set match string to null.');
      }
      filter.set(entityType, match);
      return null;
    case MatchType.DEFAULT:
    case MatchType.SPECIFIED: {
      const name = matchType === MatchType.DEFAULT ? 'MATCH_TYPE_DEFAULT' : 'MATCH_TYPE_SPECIFIED';
      if (match !== null) return invalid(`Request specified ${name}, but also specified a match string.`);
      filter.set(entityType, matchType === MatchType.DEFAULT ? null : ANY);
      return null;
    }
    default:
      return invalid(`Unknown match type ${matchType}`);
  }
}

/** A strict filter names every type the entity has; an empty strict one therefore matches nothing. */
function matches(filter: Filter, strict: boolean, entity: QuotaEntity): boolean {
  if (strict && entity.size !== filter.size) return false;
  for (const [type, wanted] of filter) {
    const name = entity.get(type);
    if (name === undefined || (wanted !== ANY && wanted !== name)) return false;
  }
  return true;
}
