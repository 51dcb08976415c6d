/** Feature levels for ApiVersions: only features that are implemented, even where the metadata log finalizes more. */

import type { MetadataImage } from '../../metadata/image/metadata-image.js';
import { METADATA_VERSION_MAX, METADATA_VERSION_MIN } from '../../metadata/image/metadata-version.js';
import type { FeatureLevels } from './context.js';

const IMPLEMENTED = [
  { name: 'metadata.version', minVersion: METADATA_VERSION_MIN, maxVersion: METADATA_VERSION_MAX },
  { name: 'kraft.version', minVersion: 0, maxVersion: 1 },
  { name: 'group.version', minVersion: 0, maxVersion: 1 },
  { name: 'share.version', minVersion: 0, maxVersion: 1 },
] as const;

/** `epoch`: offset of the metadata log that the levels were read at. */
export function featureLevels(image: MetadataImage, epoch: number): FeatureLevels {
  const finalized = IMPLEMENTED.map(({ name }) => ({ name, level: image.featureLevel(name) }))
    .filter(({ level }) => level > 0)
    .map(({ name, level }) => ({ name, minVersionLevel: level, maxVersionLevel: level }));
  return { supported: [...IMPLEMENTED], finalized, epoch };
}
