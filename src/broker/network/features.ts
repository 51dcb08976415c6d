/** Feature levels for ApiVersions: only features that are implemented, even where the metadata log finalizes more. */

import type { MetadataImage } from '../../metadata/image/metadata-image.js';
import {
  KRAFT_VERSION_FEATURE,
  KRAFT_VERSION_MAX,
  METADATA_VERSION_MAX,
  METADATA_VERSION_MIN,
} from '../../metadata/image/metadata-version.js';
import type { FeatureLevels } from './context.js';

const IMPLEMENTED = [
  { name: 'metadata.version', minVersion: METADATA_VERSION_MIN, maxVersion: METADATA_VERSION_MAX },
  { name: KRAFT_VERSION_FEATURE, minVersion: 0, maxVersion: KRAFT_VERSION_MAX },
  { name: 'group.version', minVersion: 0, maxVersion: 1 },
  { name: 'share.version', minVersion: 0, maxVersion: 1 },
  { name: 'eligible.leader.replicas.version', minVersion: 0, maxVersion: 1 },
] as const;

/** `epoch`: offset of the metadata log that the levels were read at. kraft.version is no record of that log. */
export function featureLevels(image: MetadataImage, epoch: number, kraftVersion: number): FeatureLevels {
  const finalized = IMPLEMENTED.map(({ name }) => ({
    name,
    level: name === KRAFT_VERSION_FEATURE ? kraftVersion : image.featureLevel(name),
  }))
    .filter(({ level }) => level > 0)
    .map(({ name, level }) => ({ name, minVersionLevel: level, maxVersionLevel: level }));
  return { supported: [...IMPLEMENTED], finalized, epoch };
}
