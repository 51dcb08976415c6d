/**
 * UpdateFeatures (FeatureControlManager): raises and lowers finalized feature levels, all of a request or none. A level
 * must be supported by this program; metadata.version may be lowered only where no record format changed in between.
 */
import { KafkaError } from '../../base/kafka-error.js';
import type { UpdateFeaturesRequest, UpdateFeaturesResponse } from '../../protocol/57-update-features.js';
import type { MetadataRecordInput } from '../../protocol/records/metadata-record.js';
import {
  FEATURES,
  KRAFT_VERSION_FEATURE,
  KRAFT_VERSION_MAX,
  METADATA_VERSION_FEATURE,
  metadataChangedBetween,
} from '../image/metadata-version.js';
import { type Refusal, refusal } from './placement.js';
import type { ControllerContext, Plan } from './plan.js';

const UpgradeType = { UPGRADE: 1, SAFE_DOWNGRADE: 2, UNSAFE_DOWNGRADE: 3 } as const;
const RESULTS_VERSION_MAX = 1;

type Update = UpdateFeaturesRequest['featureUpdates'][number];

export function updateFeatures(
  context: ControllerContext,
  { featureUpdates, validateOnly }: Pick<UpdateFeaturesRequest, 'featureUpdates' | 'validateOnly'>,
  version: number,
): Plan<UpdateFeaturesResponse> {
  const proposed = new Map(context.image.features);
  for (const { feature, maxVersionLevel } of featureUpdates) proposed.set(feature, maxVersionLevel);
  const records: MetadataRecordInput[] = [];
  for (const update of featureUpdates) {
    const problem = updateProblem(context, update, proposed);
    if (problem !== null) return { records: [], response: refusedAll(problem) };
    // kraft.version lives in the log's control records; here it can only be what it is
    if (update.feature === KRAFT_VERSION_FEATURE) continue;
    const value = { name: update.feature, featureLevel: update.maxVersionLevel };
    records.push({ type: 'FeatureLevelRecord', version: 0, value });
  }
  const results = featureUpdates.map(({ feature }) => ({
    feature,
    errorCode: KafkaError.NONE,
    errorMessage: 'NONE',
  }));
  const response = {
    throttleTimeMs: 0,
    errorCode: KafkaError.NONE,
    errorMessage: null,
    results: version <= RESULTS_VERSION_MAX ? results : [],
  };
  return { records: validateOnly ? [] : records, response };
}

function refusedAll({ error, message }: Refusal): UpdateFeaturesResponse {
  const errorMessage = `The update failed for all features since the following feature had an error: ${message}`;
  return { throttleTimeMs: 0, errorCode: error, errorMessage, results: [] };
}

function updateProblem(
  { image, nodeId, kraftVersion }: ControllerContext,
  { feature, maxVersionLevel: level, upgradeType }: Update,
  proposed: ReadonlyMap<string, number>,
): Refusal | null {
  const refuse = (why: string): Refusal =>
    refusal(
      KafkaError.INVALID_UPDATE_VERSION,
      `Invalid update version ${level} for feature ${feature}. ${why}`,
    );
  if (upgradeType < UpgradeType.UPGRADE || upgradeType > UpgradeType.UNSAFE_DOWNGRADE) {
    return refuse('The controller does not support the given upgrade type.');
  }
  if (level < 0) return refuse('A feature version cannot be less than 0.');
  const unsupported = reasonNotSupported(nodeId, feature, level);
  if (unsupported !== null) return refuse(unsupported);
  const now = feature === KRAFT_VERSION_FEATURE ? kraftVersion : image.featureLevel(feature);
  if (level < now && upgradeType === UpgradeType.UPGRADE) {
    return refuse(
      "Can't downgrade the version of this feature without setting the upgrade type to either safe or unsafe downgrade.",
    );
  }
  if (level > now && upgradeType !== UpgradeType.UPGRADE)
    return refuse("Can't downgrade to a newer version.");
  if (feature === KRAFT_VERSION_FEATURE) {
    if (level < now) return refuse("Can't downgrade the version of this feature.");
    return level > now ? refuse('A quorum of static voters cannot be made dynamic here.') : null;
  }
  if (feature === METADATA_VERSION_FEATURE) return metadataVersionProblem(now, level, upgradeType);
  const missing = missingDependency(feature, level, proposed);
  return missing === null ? null : refuse(missing);
}

function reasonNotSupported(nodeId: number, feature: string, level: number): string | null {
  const known =
    feature === KRAFT_VERSION_FEATURE
      ? { min: 0, max: KRAFT_VERSION_MAX }
      : FEATURES.find(({ name }) => name === feature);
  const who = `Local controller ${nodeId}`;
  if (known === undefined) {
    return level === 0 ? `Feature ${feature} not found.` : `${who} does not support this feature.`;
  }
  if (level >= known.min && level <= known.max) return null;
  const range = known.min === known.max ? `${known.min}` : `${known.min}-${known.max}`;
  return `${who} only supports versions ${range}`;
}

function metadataVersionProblem(now: number, level: number, upgradeType: number): Refusal | null {
  if (level >= now || !metadataChangedBetween(level, now)) return null;
  const why =
    upgradeType === UpgradeType.UNSAFE_DOWNGRADE
      ? 'Unsafe metadata downgrade is not supported in this version.'
      : 'Refusing to perform the requested downgrade because it might delete metadata information.';
  return refusal(
    KafkaError.INVALID_UPDATE_VERSION,
    `Unsupported metadata.version downgrade from ${now} to ${level}. ${why}`,
  );
}

/** From level 1 on it needs a metadata.version; the other features need none (Feature.validateVersion). */
const ELR_FEATURE = 'eligible.leader.replicas.version';
const ELR_NEEDS_METADATA_VERSION = 23;

function missingDependency(
  feature: string,
  level: number,
  proposed: ReadonlyMap<string, number>,
): string | null {
  if (feature !== ELR_FEATURE || level === 0) return null;
  if ((proposed.get(METADATA_VERSION_FEATURE) ?? 0) >= ELR_NEEDS_METADATA_VERSION) return null;
  return `${feature} could not be set to ${level} because it depends on ${METADATA_VERSION_FEATURE} level ${ELR_NEEDS_METADATA_VERSION}`;
}
