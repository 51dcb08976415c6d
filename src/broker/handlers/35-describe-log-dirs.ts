/**
 * DescribeLogDirs (key 35), versions 1-5. KIP-113, KIP-827 volume sizes (v4), KIP-1066 cordoned directories (v5).
 * Main thread.
 */
import { statfs } from 'node:fs/promises';
import { KafkaError } from '../../base/kafka-error.js';
import { emptyState } from '../../partition/state-table.js';
import {
  type DescribeLogDirsRequest,
  describeLogDirsRequest,
  describeLogDirsResponse,
} from '../../protocol/35-describe-log-dirs.js';
import { type MainContext, mainHandler } from '../main/context.js';
import type { LogDirectory } from '../main/log-directories.js';

interface PartitionSize {
  partitionIndex: number;
  partitionSize: number;
  offsetLag: number;
  isFutureKey: boolean;
}

/** Partitions asked for, by topic; null = all. */
function wantedPartitions(request: DescribeLogDirsRequest): Map<string, Set<number>> | null {
  if (request.topics === null) return null;
  return new Map(request.topics.map(({ topic, partitions }) => [topic, new Set(partitions)]));
}

function topicsIn(context: MainContext, directory: LogDirectory, wanted: Map<string, Set<number>> | null) {
  const state = emptyState();
  const topics = new Map<string, PartitionSize[]>();
  for (const hosted of context.partitions.all()) {
    const asked = wanted === null || wanted.get(hosted.topic)?.has(hosted.partition) === true;
    if (hosted.directory !== directory || !asked) continue;
    context.host.readState(hosted.slot, state);
    const row = {
      partitionIndex: hosted.partition,
      partitionSize: state.sizeBytes,
      offsetLag: 0,
      isFutureKey: false,
    };
    topics.set(hosted.topic, [...(topics.get(hosted.topic) ?? []), row]);
  }
  return [...topics].map(([name, partitions]) => ({ name, partitions }));
}

/** Size of the volume and what is left of it for unprivileged users, in bytes; -1 = unknown. */
async function volume(path: string): Promise<{ totalBytes: number; usableBytes: number }> {
  try {
    const { bsize, blocks, bavail } = await statfs(path);
    return { totalBytes: bsize * blocks, usableBytes: bsize * bavail };
  } catch {
    return { totalBytes: -1, usableBytes: -1 };
  }
}

export const describeLogDirsHandler = mainHandler({
  request: describeLogDirsRequest,
  response: describeLogDirsResponse,
  versions: [1, 5],
  handle: async (context, request) => {
    const wanted = wantedPartitions(request);
    const cordoned = new Set(context.config().list('cordoned.log.dirs'));
    const results = context.directories.map(async (directory) => {
      const { path, offlineReason } = directory;
      if (offlineReason !== null)
        return { errorCode: KafkaError.KAFKA_STORAGE_ERROR, logDir: path, topics: [] };
      const isCordoned = cordoned.has(path) || cordoned.has('*');
      return {
        logDir: path,
        topics: topicsIn(context, directory, wanted),
        ...(await volume(path)),
        isCordoned,
      };
    });
    return { errorCode: 0, results: await Promise.all(results) };
  },
});
