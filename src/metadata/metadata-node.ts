/**
 * The metadata of a single node: its log, the image replayed from it, and the controller's writes. Main thread only;
 * other threads follow by `onRecords`. A write is durable before it is visible, and visible before it is answered.
 *
 * open -> start (registers, elects) -> submit … -> shutdown (clean stop) | close (as a crash would leave it)
 */
import { join } from 'node:path';
import { assert } from '../base/assert.js';
import { OperationError } from '../base/errors.js';
import type { Report } from '../base/report.js';
import type { Clock } from '../io/clock.js';
import type { MetadataRecord, MetadataRecordInput } from '../protocol/records/metadata-record.js';
import { BatchView } from '../record/batch-view.js';
import { type FileOps, systemFiles } from '../storage/files/file-ops.js';
import type { BrokerConfig } from './config/broker-config.js';
import { TOPIC_KEYS } from './config/catalog.js';
import { effectiveBrokerConfig } from './config/effective-broker.js';
import { effectiveTopicText } from './config/topic-config.js';
import { bootstrapBatch, initialFeatureRecords } from './controller/bootstrap.js';
import {
  controlledShutdown,
  fenceAfterShutdown,
  fenceLeftover,
  leadersRecovered,
  nothingCordoned,
  registerBroker,
  registerController,
  unfenceAndElect,
} from './controller/broker-lifecycle.js';
import { describeQuorumPartition } from './controller/describe-quorum.js';
import type { ControllerContext, Plan } from './controller/plan.js';
import { nextProducerIdBlock, type ProducerIdBlock } from './controller/producer-ids.js';
import { imageRecords } from './image/image-records.js';
import { MetadataImage } from './image/metadata-image.js';
import { recordVersions } from './image/metadata-version.js';
import { ConfigResource, type EndpointImage, ZERO_UUID } from './image/model.js';
import { decodeBatch } from './log/batch.js';
import { MetadataLog } from './log/metadata-log.js';
import { BOOTSTRAP_CHECKPOINT_FILE, encodeSnapshot, readSnapshot } from './log/snapshot.js';

/** Records in one batch of a start or stop sequence: 10,000 × about 60 bytes, far below Kafka's 8 MiB for a batch. */
const BATCH_RECORDS_MAX = 10_000;

export interface MetadataNodeOptions {
  /** server.properties, without dynamic settings. */
  readonly config: BrokerConfig;
  /** From identifyDirectories, in the order of `config.logDirs`. */
  readonly directoryIds: readonly string[];
  readonly clock: Clock;
  readonly report: Report;
  readonly newUuid: () => string;
  readonly files?: FileOps;
}

/** One batch that became part of the metadata; `bytes` is what replayBatches of another thread takes. */
export interface MetadataChange {
  readonly bytes: Uint8Array;
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly records: readonly MetadataRecord[];
}
export type MetadataListener = (change: MetadataChange) => void;

export interface NodeStart {
  /** Advertised listeners with the ports that were really bound. */
  readonly endpoints: readonly EndpointImage[];
  readonly controllerEndpoints: readonly EndpointImage[];
  /** Every log directory carried .kafka_cleanshutdown. */
  readonly cleanStop: boolean;
}

export class MetadataNode {
  readonly image = new MetadataImage();
  readonly nodeId: number;
  readonly #options: MetadataNodeOptions;
  readonly #log: MetadataLog;
  readonly #listeners = new Set<MetadataListener>();
  #config: BrokerConfig;
  #lastSnapshotMs: number;
  #closed = false;

  private constructor(options: MetadataNodeOptions) {
    const { config } = options;
    this.#options = options;
    this.nodeId = config.number('node.id');
    this.#log = MetadataLog.open(
      {
        root: config.metadataLogDir,
        nodeId: this.nodeId,
        segmentBytes:
          config.numberOrNull('internal.metadata.log.segment.bytes') ??
          config.number('metadata.log.segment.bytes'),
        retentionBytes: unlimited(config.number('metadata.max.retention.bytes')),
        report: options.report,
        nowMs: options.clock.now(),
        ...(options.files ? { files: options.files } : {}),
      },
      (record) => this.image.replay(record),
    );
    this.#config = this.#effectiveConfig();
    this.#lastSnapshotMs = options.clock.now();
  }

  /**
   * Replays the metadata log, claims the next epoch and writes the bootstrap records of a new log. Throws
   * METADATA_CORRUPT, METADATA_VERSION_UNSUPPORTED, CONFIG_INVALID (a quorum of several voters) or STORAGE_FAILED.
   */
  static open(options: MetadataNodeOptions): MetadataNode {
    const node = new MetadataNode(options);
    node.#checkVoters();
    node.#log.becomeLeader(options.clock.now());
    if (node.image.inTransaction) {
      node.#write([
        { type: 'AbortTransactionRecord', version: 0, value: { reason: 'the node stopped inside it' } },
      ]);
    }
    if (node.image.isEmpty)
      node.#write(bootstrapBatch(node.#bootstrapRecords(), node.#config.text('min.insync.replicas') ?? '1'));
    return node;
  }

  /** A quorum with other voters has to elect a leader: one node alone must not write to its log. */
  #checkVoters(): void {
    const { voters } = this.#log.raft;
    const ids = voters
      ? voters.voters.map((voter) => voter.voterId)
      : this.#options.config.list('controller.quorum.voters').map((voter) => Number(voter.split('@')[0]));
    if (ids.every((id) => id === this.nodeId)) return;
    throw new OperationError(
      'CONFIG_INVALID',
      `The metadata log belongs to a quorum of voters ${ids.join(', ')}; node ${this.nodeId} cannot lead it alone.`,
    );
  }

  #bootstrapRecords(): readonly MetadataRecordInput[] {
    const files = this.#options.files ?? systemFiles;
    const path = join(this.#options.config.metadataLogDir, BOOTSTRAP_CHECKPOINT_FILE);
    return files.stat(path) === null ? initialFeatureRecords() : readSnapshot(path, files).records;
  }

  /** The broker's configuration in force. */
  get config(): BrokerConfig {
    return this.#config;
  }
  /** Epoch of this node as the quorum's leader. */
  get leaderEpoch(): number {
    return this.#log.epoch;
  }
  /** Offset of the next metadata record. */
  get endOffset(): number {
    return this.#log.endOffset;
  }
  /** Epoch of the broker's registration; -1 before `start`. */
  get brokerEpoch(): number {
    return this.image.broker(this.nodeId)?.epoch ?? -1;
  }
  /** What controller functions need. */
  get context(): ControllerContext {
    const { image, nodeId } = this;
    const { kraftVersion } = this.#log.raft;
    return { image, broker: this.#config, nodeId, kraftVersion, newUuid: this.#options.newUuid };
  }

  /** Calls `listener` for every batch from now on; returns how to stop that. */
  onRecords(listener: MetadataListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The whole image as encoded batches: what a new thread gives to replayBatches before it follows `onRecords`. */
  imageBatches(): Uint8Array[] {
    const [, ...parts] = encodeSnapshot(
      imageRecords(this.image),
      { endOffset: this.#log.endOffset, epoch: this.#log.epoch },
      this.#log.raft,
      { now: this.#options.clock.now(), lastContainedLogTimestamp: this.#log.lastTimestamp },
    );
    return parts;
  }

  /** Registers controller and broker, opens the broker to clients and elects the leaders of its partitions. */
  start({ endpoints, controllerEndpoints, cleanStop }: NodeStart): void {
    const { newUuid, directoryIds, config } = this.#options;
    const { image, nodeId } = this;
    this.#write(registerController(image, nodeId, newUuid(), controllerEndpoints));
    this.#writeInPieces(fenceLeftover(image, nodeId));
    const rack = config.stringOrNull('broker.rack');
    const registration = { nodeId, incarnationId: newUuid(), endpoints, rack, directories: directoryIds };
    this.#writeInPieces(registerBroker(image, registration, this.#log.endOffset, cleanStop));
    this.#writeInPieces(unfenceAndElect(image, nodeId, (topic) => this.#uncleanAllowed(topic)));
    this.#write(nothingCordoned(image, nodeId));
  }

  #uncleanAllowed(topic: string): boolean {
    const row = TOPIC_KEYS.get('unclean.leader.election.enable');
    assert(row !== undefined, 'the row exists');
    return effectiveTopicText(this.#config, this.image.topicConfig(topic), row) === 'true';
  }

  /** The logs of the partitions led here are open: uncleanly elected leaders count as recovered. */
  leadersRecovered(): void {
    this.#writeInPieces(leadersRecovered(this.image, this.nodeId));
  }

  /** Writes a plan's records durably, applies them, tells the listeners, and gives the plan's answer. */
  submit<Response>(plan: Plan<Response>): Response {
    this.#write(plan.records);
    return plan.response;
  }

  /** The next block of producer ids; durable before the first is handed out. */
  allocateProducerIds(): ProducerIdBlock {
    return this.submit(nextProducerIdBlock(this.image, this.nodeId, this.brokerEpoch));
  }

  describeQuorum(): ReturnType<typeof describeQuorumPartition> {
    const directoryId = this.#log.raft.voters?.voters[0]?.voterDirectoryId ?? ZERO_UUID;
    const { nodeId, leaderEpoch, endOffset } = this;
    return describeQuorumPartition({
      nodeId,
      directoryId,
      leaderEpoch,
      endOffset,
      now: this.#options.clock.now(),
    });
  }

  /** For sequences that need not be one batch: a node may host more partitions than a batch should have records. */
  #writeInPieces(records: readonly MetadataRecordInput[]): void {
    for (let at = 0; at < records.length; at += BATCH_RECORDS_MAX) {
      this.#write(records.slice(at, at + BATCH_RECORDS_MAX));
    }
  }

  #write(records: readonly MetadataRecordInput[]): void {
    assert(!this.#closed, 'the metadata node is closed');
    if (records.length === 0) return;
    const { bytes, baseOffset, lastOffset } = this.#log.append(records, this.#options.clock.now());
    const view = new BatchView();
    view.set(bytes, 0);
    const decoded = decodeBatch(view).records;
    for (const record of decoded) this.image.replay(record);
    if (
      decoded.some(
        (record) => record.type === 'ConfigRecord' && record.value.resourceType === ConfigResource.BROKER,
      )
    ) {
      this.#config = this.#effectiveConfig();
    }
    for (const listener of this.#listeners) listener({ bytes, baseOffset, lastOffset, records: decoded });
    this.snapshotIfDue();
  }

  #effectiveConfig(): BrokerConfig {
    const { config, report } = this.#options;
    const { image } = this;
    return effectiveBrokerConfig(
      config,
      image.brokerConfig(''),
      image.brokerConfig(String(config.number('node.id'))),
      report,
    );
  }

  /** metadata.log.max.record.bytes.between.snapshots or metadata.log.max.snapshot.interval.ms is reached. */
  snapshotIfDue(): void {
    const now = this.#options.clock.now();
    const interval = this.#config.number('metadata.log.max.snapshot.interval.ms');
    const bytesDue =
      this.#log.bytesSinceSnapshot >= this.#config.number('metadata.log.max.record.bytes.between.snapshots');
    const timeDue = interval > 0 && now - this.#lastSnapshotMs >= interval;
    if ((bytesDue || timeDue) && !this.image.inTransaction) this.snapshot();
  }

  /** Writes a snapshot now; nothing happens when the newest one covers everything. */
  snapshot(): void {
    const now = this.#options.clock.now();
    this.#log.writeSnapshot(imageRecords(this.image), now);
    this.#lastSnapshotMs = now;
  }

  /** Clean stop: gives up leadership as Kafka does, so that Kafka can start on the directory. */
  shutdown(): void {
    if (this.#closed) return;
    if (recordVersions(this.image.metadataVersion).registerBroker >= 1) {
      this.#writeInPieces(controlledShutdown(this.image, this.nodeId));
    }
    this.#write(fenceAfterShutdown(this.image, this.nodeId));
    this.close();
  }

  /** Stops without a word to the log, as a crash would. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#log.close();
  }
}

function unlimited(bytes: number): number {
  return bytes < 0 ? Number.MAX_SAFE_INTEGER : bytes;
}
