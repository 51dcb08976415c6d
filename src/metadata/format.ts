/**
 * Formats log directories as `kafka-storage format --standalone` does (Formatter.java): meta.properties, the feature
 * levels in bootstrap.checkpoint, and at kraft.version 1 a first snapshot that names this node as the only voter.
 * meta.properties comes last: a directory without it is not formatted.
 */
import { join, resolve } from 'node:path';
import { OperationError } from '../base/errors.js';
import { METADATA_LOG_DIRECTORY } from '../storage/files/file-names.js';
import { type FileOps, systemFiles } from '../storage/files/file-ops.js';
import {
  type MetaProperties,
  readMetaProperties,
  writeMetaProperties,
} from '../storage/files/meta-properties.js';
import { initialFeatureRecords } from './controller/bootstrap.js';
import { KRAFT_VERSION_MAX } from './image/metadata-version.js';
import {
  BOOTSTRAP_CHECKPOINT_FILE,
  encodeSnapshot,
  snapshotName,
  soleVoter,
  writeSnapshotFile,
} from './log/snapshot.js';

export interface FormatOptions {
  readonly directories: readonly string[];
  /** Holds the metadata log: one of them, or one of its own (metadata.log.dir). */
  readonly metadataDirectory: string;
  /** 22 characters of URL-safe base64. */
  readonly clusterId: string;
  readonly nodeId: number;
  /** Where the controller listens; recorded as the voter's endpoint. */
  readonly controllerEndpoint: { readonly name: string; readonly host: string; readonly port: number };
  /** Leave formatted directories alone instead of refusing. */
  readonly ignoreFormatted: boolean;
  readonly nowMs: number;
  readonly newUuid: () => string;
  readonly files?: FileOps;
}

const UUID = /^[A-Za-z0-9_-]{22}$/;
const RESERVED_IDS = 100;
const EMPTY_SNAPSHOT = { endOffset: 0, epoch: 0 };
const SNAPSHOT_MODE = 0o400;
const BOOTSTRAP_MODE = 0o644;

/** Returns the directories that were formatted. Throws ALREADY_FORMATTED, CLUSTER_ID_MISMATCH or CONFIG_INVALID. */
export function formatDirectories(options: FormatOptions): string[] {
  const { clusterId, files = systemFiles } = options;
  const directories = withMetadataDirectory(options.directories, options.metadataDirectory);
  if (!UUID.test(clusterId)) {
    throw new OperationError(
      'CONFIG_INVALID',
      `Cluster ID string ${clusterId} does not appear to be a valid UUID: 22 characters of URL-safe base64 are expected`,
    );
  }
  const fresh: string[] = [];
  for (const directory of directories) {
    const existing = readMetaProperties(directory, files);
    if (existing === null) fresh.push(directory);
    else checkExisting(directory, existing, options);
  }
  for (const directory of fresh) formatOne(directory, options, files);
  return fresh;
}

/** The metadata directory comes last when it holds no partitions. */
function withMetadataDirectory(directories: readonly string[], metadataDirectory: string): readonly string[] {
  const among = directories.some((directory) => resolve(directory) === resolve(metadataDirectory));
  return among ? directories : [...directories, metadataDirectory];
}

function checkExisting(directory: string, existing: MetaProperties, options: FormatOptions): void {
  if (!options.ignoreFormatted) {
    throw new OperationError('ALREADY_FORMATTED', `Log directory ${directory} is already formatted.`);
  }
  if (existing.clusterId !== options.clusterId) {
    throw new OperationError(
      'CLUSTER_ID_MISMATCH',
      `Log directory ${directory} belongs to cluster ${existing.clusterId}, not ${options.clusterId}.`,
    );
  }
}

function formatOne(directory: string, options: FormatOptions, files: FileOps): void {
  const { clusterId, nodeId, nowMs } = options;
  const directoryId = options.newUuid();
  files.makeDirectory(directory);
  const none = { kraftVersion: 0, voters: null };
  const bootstrap = encodeSnapshot(initialFeatureRecords(), EMPTY_SNAPSHOT, none, {
    now: nowMs,
    lastContainedLogTimestamp: 0,
  });
  writeSnapshotFile(join(directory, BOOTSTRAP_CHECKPOINT_FILE), bootstrap, files, BOOTSTRAP_MODE);
  if (resolve(directory) === resolve(options.metadataDirectory)) {
    const log = join(directory, METADATA_LOG_DIRECTORY);
    files.makeDirectory(log);
    const raft = {
      kraftVersion: KRAFT_VERSION_MAX,
      voters: soleVoter(nodeId, directoryId, options.controllerEndpoint),
    };
    const snapshot = encodeSnapshot([], EMPTY_SNAPSHOT, raft, {
      now: nowMs,
      lastContainedLogTimestamp: nowMs,
    });
    writeSnapshotFile(join(log, snapshotName(EMPTY_SNAPSHOT)), snapshot, files, SNAPSHOT_MODE);
    files.syncDirectory(directory);
  }
  writeMetaProperties(directory, { clusterId, nodeId, directoryId }, new Date(nowMs).toUTCString(), files);
}

/** What meta.properties of all log directories say together. */
export interface DirectoryIdentity {
  readonly clusterId: string;
  /** Id of each directory, in the order given. */
  readonly directoryIds: readonly string[];
}

/**
 * Checks that the directories belong together and to this node (MetaPropertiesEnsemble.verify). A directory that is
 * new to a formatted node gets its own file, as in Kafka; so does one whose file names no directory id.
 */
export function identifyDirectories(
  directories: readonly string[],
  metadataDirectory: string,
  nodeId: number,
  world: { readonly nowMs: number; readonly newUuid: () => string; readonly files?: FileOps },
): DirectoryIdentity {
  const files = world.files ?? systemFiles;
  const found = withMetadataDirectory(directories, metadataDirectory).map((directory) => ({
    directory,
    properties: readMetaProperties(directory, files),
  }));
  const metadata = found.find(
    ({ directory }) => resolve(directory) === resolve(metadataDirectory),
  )?.properties;
  if (!metadata) {
    throw new OperationError(
      'NOT_FORMATTED',
      `No meta.properties in ${metadataDirectory}. Format the log directories first (millrace format).`,
    );
  }
  for (const { directory, properties } of found) {
    if (properties === null) continue;
    if (properties.clusterId !== metadata.clusterId) {
      throw new OperationError(
        'CLUSTER_ID_MISMATCH',
        `${directory} belongs to cluster ${properties.clusterId}, ${metadataDirectory} to ${metadata.clusterId}.`,
      );
    }
    if (properties.nodeId !== nodeId) {
      throw new OperationError(
        'CONFIG_INVALID',
        `Stored node id ${properties.nodeId} doesn't match node.id ${nodeId} in ${directory}.`,
      );
    }
  }
  const { clusterId } = metadata;
  const directoryIds = found.map(({ directory, properties }) => {
    if (properties?.directoryId) return checkedDirectoryId(directory, properties.directoryId);
    const directoryId = world.newUuid();
    files.makeDirectory(directory);
    writeMetaProperties(
      directory,
      { clusterId, nodeId, directoryId },
      new Date(world.nowMs).toUTCString(),
      files,
    );
    return directoryId;
  });
  if (new Set(directoryIds).size !== directoryIds.length) {
    throw new OperationError(
      'CONFIG_INVALID',
      `Two log directories have the same directory.id: ${directories.join(', ')}`,
    );
  }
  return { clusterId, directoryIds: directoryIds.slice(0, directories.length) };
}

/** Ids whose first 8 bytes are 0 and whose last is below 100 have meanings of their own (DirectoryId.java). */
function checkedDirectoryId(directory: string, id: string): string {
  const bytes = Buffer.from(id, 'base64url');
  const reserved = bytes.subarray(0, 15).every((byte) => byte === 0) && (bytes[15] ?? 0) < RESERVED_IDS;
  if (UUID.test(id) && !reserved) return id;
  throw new OperationError(
    'CONFIG_INVALID',
    `${directory}: directory.id ${id} in meta.properties is no valid directory id.`,
  );
}
