/**
 * DescribeConfigs (key 32), versions 1-4. KIP-133, KIP-226 synonyms (v1), KIP-569 types and documentation (v3).
 * Topic, broker, broker logger (none here), client metrics and group resources. Main thread (ConfigHelper.scala).
 */
import { KafkaError } from '../../base/kafka-error.js';
import {
  type ConfigEntry,
  ConfigSource,
  describeBroker,
  describeBrokerDefault,
  describeGroup,
  describeTopic,
} from '../../metadata/config/describe.js';
import { ConfigType } from '../../metadata/config/row.js';
import { topicNameProblem } from '../../metadata/controller/topic-name.js';
import { ConfigResource } from '../../metadata/image/model.js';
import {
  type DescribeConfigsRequest,
  describeConfigsRequest,
  describeConfigsResponse,
} from '../../protocol/32-describe-configs.js';
import { type MainContext, mainHandler } from '../main/context.js';

/** What Kafka says to an INVALID_REQUEST that has no text of its own (Errors.java). */
const MALFORMED =
  'This most likely occurs because of a request being malformed by the client library or the message was sent to an incompatible broker. See the broker logs for more details.';

/** Client metrics subscriptions have a few keys of their own (ClientMetricsConfigs, KIP-714). */
const METRICS_CONFIGS = [
  { name: 'metrics', type: ConfigType.LIST, value: '' },
  { name: 'interval.ms', type: ConfigType.INT, value: '300000' },
  { name: 'match', type: ConfigType.LIST, value: '' },
];

type Resource = DescribeConfigsRequest['resources'][number];
type Described = { entries: ConfigEntry[] } | { errorCode: number; errorMessage: string | null };

function refused(errorCode: number, errorMessage: string | null): Described {
  return { errorCode, errorMessage };
}

function describeTopicResource(
  context: MainContext,
  name: string,
  keys: ReadonlySet<string> | null,
): Described {
  const problem = topicNameProblem(name);
  if (problem !== null) return refused(KafkaError.INVALID_TOPIC_EXCEPTION, problem);
  const { image } = context.metadata;
  if (image.topicByName(name) === undefined) return refused(KafkaError.UNKNOWN_TOPIC_OR_PARTITION, '');
  return { entries: describeTopic(context.config(), image.topicConfig(name), keys) };
}

function describeBrokerResource(
  context: MainContext,
  name: string,
  keys: ReadonlySet<string> | null,
): Described {
  if (name === '') return { entries: describeBrokerDefault(context.config(), keys) };
  if (name === String(context.nodeId)) return { entries: describeBroker(context.config(), keys) };
  const message = /^-?\d+$/.test(name)
    ? `Unexpected broker id, expected ${context.nodeId} or empty string, but received ${name}`
    : `Broker id must be an integer, but it is: ${name}`;
  return refused(KafkaError.INVALID_REQUEST, message);
}

function describeMetrics(context: MainContext, name: string, keys: ReadonlySet<string> | null): Described {
  if (name === '')
    return refused(KafkaError.INVALID_REQUEST, 'Client metrics subscription name must not be empty');
  const settings = context.metadata.image.configs.of(ConfigResource.CLIENT_METRICS, name);
  const source = ConfigSource.CLIENT_METRICS;
  return {
    entries: METRICS_CONFIGS.filter(({ name: key }) => keys === null || keys.has(key)).map(
      ({ name: key, type, value: initial }) => {
        const value = settings.get(key);
        const common = { name: key, type, readOnly: false, sensitive: false, documentation: null };
        if (value === undefined)
          return { ...common, value: initial, source: ConfigSource.DEFAULT, synonyms: [] };
        return { ...common, value, source, synonyms: [{ name: key, value, source }] };
      },
    ),
  };
}

function describe(context: MainContext, resource: Resource): Described {
  const { resourceType, resourceName, configurationKeys } = resource;
  const keys =
    configurationKeys === null || configurationKeys.length === 0 ? null : new Set(configurationKeys);
  switch (resourceType) {
    case ConfigResource.TOPIC:
      return describeTopicResource(context, resourceName, keys);
    case ConfigResource.BROKER:
      return describeBrokerResource(context, resourceName, keys);
    case ConfigResource.BROKER_LOGGER:
      // There are no JVM loggers to list.
      if (resourceName === String(context.nodeId)) return { entries: [] };
      return refused(
        KafkaError.INVALID_REQUEST,
        `Unexpected broker id, expected ${context.nodeId} but received ${resourceName}`,
      );
    case ConfigResource.CLIENT_METRICS:
      return describeMetrics(context, resourceName, keys);
    case ConfigResource.GROUP: {
      if (resourceName === '') return refused(KafkaError.INVALID_REQUEST, 'Group name must not be empty');
      const overrides = context.metadata.image.configs.of(ConfigResource.GROUP, resourceName);
      return { entries: describeGroup(context.config(), overrides, keys) };
    }
    default:
      return refused(KafkaError.INVALID_REQUEST, MALFORMED);
  }
}

function answer(context: MainContext, request: DescribeConfigsRequest, resource: Resource) {
  const { resourceType, resourceName } = resource;
  const described = describe(context, resource);
  if (!('entries' in described)) return { ...described, resourceType, resourceName, configs: [] };
  const configs = described.entries.map((entry) => ({
    name: entry.name,
    value: entry.value,
    readOnly: entry.readOnly,
    configSource: entry.source,
    isSensitive: entry.sensitive,
    synonyms: request.includeSynonyms ? entry.synonyms : [],
    configType: entry.type,
    documentation: request.includeDocumentation ? entry.documentation : null,
  }));
  return { errorCode: 0, errorMessage: '', resourceType, resourceName, configs };
}

export const describeConfigsHandler = mainHandler({
  request: describeConfigsRequest,
  response: describeConfigsResponse,
  versions: [1, 4],
  handle: (context, request) => ({
    results: request.resources.map((resource) => answer(context, request, resource)),
  }),
});
