/** Formatting: by command, and of directories that were never used when a broker starts on them. */

import { join } from 'node:path';
import { OperationError } from '../../base/errors.js';
import type { Report } from '../../base/report.js';
import { systemClock } from '../../io/clock.js';
import { randomUuid } from '../../io/random.js';
import type { BrokerConfig } from '../../metadata/config/broker-config.js';
import { formatDirectories } from '../../metadata/format.js';
import { parseSnapshotName } from '../../metadata/log/snapshot.js';
import { LogSuffix, METADATA_LOG_DIRECTORY } from '../../storage/files/file-names.js';
import { systemFiles } from '../../storage/files/file-ops.js';
import { readMetaProperties } from '../../storage/files/meta-properties.js';
import { controllerEndpoints } from './listeners.js';

function format(config: BrokerConfig, clusterId: string, ignoreFormatted: boolean): string[] {
  const [endpoint] = controllerEndpoints(config);
  return formatDirectories({
    directories: config.logDirs,
    metadataDirectory: config.metadataLogDir,
    clusterId,
    nodeId: config.number('node.id'),
    controllerEndpoint: endpoint ?? { name: 'CONTROLLER', host: 'localhost', port: 9093 },
    ignoreFormatted,
    nowMs: systemClock.now(),
    newUuid: randomUuid,
  });
}

/** `millrace format`: one line a directory. */
export function formatBroker(config: BrokerConfig, clusterId: string, ignoreFormatted: boolean): string[] {
  const formatted = format(config, clusterId, ignoreFormatted);
  if (formatted.length === 0) return ['All of the log directories are already formatted.'];
  return formatted.map((directory) => `Formatting ${directory} with cluster id ${clusterId}.`);
}

/** Formatting writes no segment: without one, a metadata log's directory is what an interrupted formatting left. */
function hasMetadataRecords(directory: string): boolean {
  const log = join(directory, METADATA_LOG_DIRECTORY);
  if (systemFiles.stat(log) === null) return false;
  return systemFiles
    .list(log)
    .some((name) => name.endsWith(LogSuffix.log) || (parseSnapshotName(name)?.endOffset ?? 0) > 0);
}

/** A metadata directory without any trace of earlier use is formatted; one with data but no meta.properties is not touched. */
export function formatOnFirstStart(config: BrokerConfig, report: Report): void {
  const directory = config.metadataLogDir;
  if (readMetaProperties(directory) !== null) return;
  if (hasMetadataRecords(directory)) {
    throw new OperationError(
      'NOT_FORMATTED',
      `${directory} holds a metadata log but no meta.properties. Put the file back, or format another directory.`,
    );
  }
  const clusterId = randomUuid();
  for (const path of format(config, clusterId, true))
    report('info', `Formatted ${path} with cluster id ${clusterId}`);
}
