/** AlterConfigs (whole sets) and IncrementalAlterConfigs (single keys): ConfigAdminManager, ConfigurationControlManager. */
import { KafkaError } from '../../base/kafka-error.js';
import type { AlterConfigsRequest, AlterConfigsResponse } from '../../protocol/33-alter-configs.js';
import type { IncrementalAlterConfigsRequest } from '../../protocol/44-incremental-alter-configs.js';
import type { MetadataRecordInput } from '../../protocol/records/metadata-record.js';
import {
  AlterOperation,
  alterationsProblem,
  applyAlterations,
  brokerAlterationProblem,
  type ConfigAlteration,
  type ConfigKind,
  type ConfigRefusal,
  groupAlterationProblem,
  minIsrOfBrokerProblem,
  topicAlterationProblem,
} from '../config/alter.js';
import type { ConfigTexts } from '../config/broker-config.js';
import { describeBroker, describeGroup, describeTopic } from '../config/describe.js';
import { ConfigResource } from '../image/model.js';
import { clientMetricsProblem } from './client-metrics.js';
import type { ControllerContext, Plan } from './plan.js';

type Result = AlterConfigsResponse['responses'][number];

interface Resource {
  readonly resourceType: number;
  readonly resourceName: string;
}

/** Each resource's settings are replaced by those given. */
export function alterConfigs(
  context: ControllerContext,
  resources: AlterConfigsRequest['resources'],
  validateOnly: boolean,
): Plan<Result[]> {
  return alter(context, resources, validateOnly, (resource) => ({
    alterations: resource.configs.map(({ name, value }) => ({ name, value, operation: AlterOperation.SET })),
    replace: true,
  }));
}

/** Only the named keys change. */
export function incrementalAlterConfigs(
  context: ControllerContext,
  resources: IncrementalAlterConfigsRequest['resources'],
  validateOnly: boolean,
): Plan<Result[]> {
  return alter(context, resources, validateOnly, (resource) => ({
    alterations: resource.configs.map(({ name, value, configOperation }) => ({
      name,
      value,
      operation: configOperation,
    })),
    replace: false,
  }));
}

function alter<R extends Resource>(
  context: ControllerContext,
  resources: readonly R[],
  validateOnly: boolean,
  wanted: (resource: R) => { alterations: readonly ConfigAlteration[]; replace: boolean },
): Plan<Result[]> {
  const counts = new Map<string, number>();
  const keyOf = ({ resourceType, resourceName }: Resource): string => `${resourceType}:${resourceName}`;
  for (const resource of resources) counts.set(keyOf(resource), (counts.get(keyOf(resource)) ?? 0) + 1);
  const records: MetadataRecordInput[] = [];
  const response = resources.map((resource): Result => {
    const { resourceType, resourceName } = resource;
    const { alterations, replace } = wanted(resource);
    const outcome =
      (counts.get(keyOf(resource)) ?? 0) > 1
        ? { error: KafkaError.INVALID_REQUEST, message: 'Each resource must appear at most once.' }
        : alterOne(context, resource, alterations, replace);
    if ('error' in outcome) {
      return { resourceType, resourceName, errorCode: outcome.error, errorMessage: outcome.message };
    }
    records.push(...difference(resource, outcome.before, outcome.after));
    return { resourceType, resourceName, errorCode: KafkaError.NONE, errorMessage: null };
  });
  return { records: validateOnly ? [] : records, response };
}

/** The settings a resource has and would have, or why not. */
function alterOne(
  context: ControllerContext,
  resource: Resource,
  alterations: readonly ConfigAlteration[],
  replace: boolean,
): { before: ConfigTexts; after: ConfigTexts } | ConfigRefusal {
  const early = alterationsProblem(alterations) ?? resourceProblem(context, resource);
  if (early !== null) return early;
  const kind = kindOf(resource);
  const before = context.image.configs.of(resource.resourceType, resource.resourceName);
  const applied = applyAlterations(kind, replace ? new Map() : before, alterations, (name) =>
    inherited(context, resource, before, name),
  );
  if ('error' in applied) return applied;
  const ofBroker = context.image.elrEnabled ? minIsrOfBrokerProblem(kind, alterations) : null;
  if (ofBroker !== null) return ofBroker;
  const problem = valueProblem(context, resource, kind, before, applied.texts);
  return problem ?? { before, after: applied.texts };
}

function kindOf({ resourceType, resourceName }: Resource): ConfigKind {
  if (resourceType === ConfigResource.TOPIC) return 'topic';
  if (resourceType === ConfigResource.GROUP) return 'group';
  if (resourceType === ConfigResource.CLIENT_METRICS) return 'client-metrics';
  return resourceName === '' ? 'broker-default' : 'broker';
}

function invalid(message: string): ConfigRefusal {
  return { error: KafkaError.INVALID_REQUEST, message };
}

/** Is it a resource whose configuration can be stored here? */
function resourceProblem(
  { image, nodeId }: ControllerContext,
  { resourceType, resourceName }: Resource,
): ConfigRefusal | null {
  switch (resourceType) {
    case ConfigResource.TOPIC:
      if (resourceName === '') return invalid('Default topic resources are not allowed.');
      if (image.topicByName(resourceName)) return null;
      return {
        error: KafkaError.UNKNOWN_TOPIC_OR_PARTITION,
        message: `The topic '${resourceName}' does not exist.`,
      };
    case ConfigResource.BROKER:
      if (resourceName === '' || resourceName === String(nodeId)) return null;
      if (!/^-?\d{1,10}$/.test(resourceName))
        return invalid(`Node id must be an integer, but it is: ${resourceName}`);
      return invalid(`Unexpected broker id, expected ${nodeId}, but received ${resourceName}`);
    case ConfigResource.GROUP:
      return resourceName === '' ? invalid('Default group resources are not allowed.') : null;
    case ConfigResource.CLIENT_METRICS:
      return resourceName === '' ? invalid("Subscription name can't be empty") : null;
    default:
      return invalid(`Unknown resource type ${resourceType}`);
  }
}

/** What APPEND and SUBTRACT start from when the resource has no value of its own. */
function inherited(
  context: ControllerContext,
  resource: Resource,
  before: ConfigTexts,
  name: string,
): string | null {
  const names = new Set([name]);
  const { broker } = context;
  switch (resource.resourceType) {
    case ConfigResource.TOPIC:
      return describeTopic(broker, before, names)[0]?.value ?? null;
    case ConfigResource.GROUP:
      return describeGroup(broker, before, names)[0]?.value ?? null;
    default:
      return describeBroker(broker, names)[0]?.value ?? null;
  }
}

function valueProblem(
  { broker, image }: ControllerContext,
  { resourceType, resourceName }: Resource,
  kind: ConfigKind,
  before: ConfigTexts,
  after: ConfigTexts,
): ConfigRefusal | null {
  if (kind === 'topic') return topicAlterationProblem(broker, after);
  if (kind === 'group') return groupAlterationProblem(broker, after);
  if (kind === 'client-metrics') return clientMetricsProblem(after);
  const stored = image.configs.of(resourceType, resourceName);
  return brokerAlterationProblem(broker, kind, stored.size > 0 ? stored : before, after, image.elrEnabled);
}

function difference(
  { resourceType, resourceName }: Resource,
  before: ConfigTexts,
  after: ConfigTexts,
): MetadataRecordInput[] {
  const record = (name: string, value: string | null): MetadataRecordInput => ({
    type: 'ConfigRecord',
    version: 0,
    value: { resourceType, resourceName, name, value },
  });
  const set = [...after]
    .filter(([name, value]) => before.get(name) !== value)
    .map(([name, value]) => record(name, value));
  const gone = [...before.keys()].filter((name) => !after.has(name)).map((name) => record(name, null));
  return [...set, ...gone];
}
