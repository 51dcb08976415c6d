/**
 * The composition of a broker (BrokerServer and ControllerServer of Kafka in one): directories, metadata, partition
 * workers, network threads, in the order in which they need each other. Main thread.
 */
import { availableParallelism } from 'node:os';
import { isDiskFull, OperationError } from '../base/errors.js';
import type { Report } from '../base/report.js';
import { systemClock } from '../io/clock.js';
import { openEngine } from '../io/engine.js';
import { randomUuid } from '../io/random.js';
import type { BrokerConfig } from '../metadata/config/broker-config.js';
import { identifyDirectories } from '../metadata/format.js';
import { MetadataNode } from '../metadata/metadata-node.js';
import type { PartitionHost } from '../partition/host.js';
import { mainHandlers } from './handlers/index.js';
import { AutoCreation } from './main/auto-creation.js';
import { Checkpoints } from './main/checkpoints.js';
import { connectionLimitSettings } from './main/connection-settings.js';
import type { MainContext } from './main/context.js';
import { Coordinators } from './main/coordinators/coordinators.js';
import { Dispatcher } from './main/dispatcher.js';
import { durabilityText } from './main/durability.js';
import { formatOnFirstStart } from './main/format.js';
import { type BrokerListener, clientListeners, controllerEndpoints, withPorts } from './main/listeners.js';
import { diskFull, LogDirectories } from './main/log-directories.js';
import { MetadataFeed } from './main/metadata-feed.js';
import { networkThreadConfig, networkThreadCount } from './main/network-settings.js';
import { type BoundListener, NetworkThreads } from './main/network-threads.js';
import { createPartitionHost, usesPortableLog } from './main/partition-host.js';
import { Partitions } from './main/partitions.js';
import { ProducerIds } from './main/producer-ids.js';
import { AbortedRanges } from './main/share/aborted-ranges.js';
import { ShareLog } from './main/share/share-log.js';
import { SharePartitions } from './main/share/share-partitions.js';
import type { ConnectionLimitSettings } from './quota/connection-limits.js';
import { MutationQuotas, UNLIMITED } from './quota/mutation-quotas.js';
import { countMemory } from './quota/shared-counts.js';
import { rateMemory } from './quota/shared-rates.js';

/** What a person is told after a start. */
export interface BrokerInfo {
  readonly listeners: readonly BoundListener[];
  readonly logDirs: readonly string[];
  readonly clusterId: string;
  readonly nodeId: number;
  readonly engine: 'native' | 'portable';
  readonly engineReason: string | undefined;
  readonly durability: string;
}

export interface RunningBroker {
  readonly info: BrokerInfo;
  /** Clean stop: drains, flushes, checkpoints, marks. */
  stop(): Promise<void>;
  /** Resolves when the broker cannot go on. */
  readonly failed: Promise<OperationError>;
}

class Broker implements RunningBroker {
  readonly failed: Promise<OperationError>;
  private fail: (error: OperationError) => void = () => undefined;
  private readonly checkpoints: Checkpoints;
  private readonly feed: MetadataFeed;
  private readonly partitions: Partitions;
  private readonly coordinators: Coordinators;
  private readonly shares: SharePartitions;
  private readonly engine: ReturnType<typeof openEngine>;
  /** What changes is sent there from the moment on at which they have the whole image. */
  private network: NetworkThreads | undefined;
  private bound: readonly BoundListener[] = [];
  private stopping: Promise<void> | undefined;

  constructor(
    private readonly config: BrokerConfig,
    private readonly report: Report,
    private readonly directories: LogDirectories,
    private readonly clusterId: string,
    private readonly metadata: MetadataNode,
    private readonly spawned: NetworkThreads,
    private readonly host: PartitionHost,
  ) {
    this.failed = new Promise((resolve) => {
      this.fail = resolve;
    });
    const portable = usesPortableLog(config);
    this.engine = openEngine(portable ? 'portable' : 'auto');
    // The last of the seam's threads is the main thread.
    const handle = host.gatewayHandle(host.memory.slabs.length - 1);
    this.coordinators = new Coordinators(
      handle,
      portable,
      metadata,
      (name) => this.autoCreation.create([name], UNLIMITED),
      (slot, offset) => this.host.deleteRecords(slot, offset),
      report,
    );
    this.partitions = new Partitions({
      nodeId: metadata.nodeId,
      host: this.host,
      directories,
      report,
      config: () => metadata.config,
      placed: (placements) => {
        this.network?.broadcast({ type: 'placed', placements });
        this.coordinators.placed(placements);
      },
      removed: (slots, topics) => {
        this.network?.broadcast({ type: 'removed', slots });
        this.shares.removed(slots);
        this.coordinators.removed(slots, topics);
        // A topic of the same name must not meet the recovery points of this one.
        this.checkpoints.writeAll();
      },
    });
    this.mutations = new MutationQuotas(metadata.image, () => metadata.config, systemClock);
    this.shares = this.openShares(metadata);
    this.feed = new MetadataFeed(
      metadata,
      this.partitions,
      (message) => this.network?.broadcast(message),
      report,
    );
    this.checkpoints = new Checkpoints(directories, this.partitions, this.host, metadata, report);
  }

  private openShares(metadata: MetadataNode): SharePartitions {
    const { host, partitions, coordinators, report } = this;
    const { log, shareStates } = coordinators;
    const shares = new SharePartitions({
      log: new ShareLog(log.gateway, log.engine),
      aborted: new AbortedRanges((slot) => log.gateway.directoryOf(slot)),
      persister: shareStates,
      clock: systemClock,
      report,
      config: () => metadata.config,
      image: () => metadata.image,
      slotOf: (topicId, partition) => partitions.get(topicId, partition)?.slot ?? -1,
      findByTimestamp: (slot, timestamp) => host.findByTimestamp(slot, timestamp),
    });
    log.onReadable = (slot) => shares.readable(slot);
    return shares;
  }

  get info(): BrokerInfo {
    return {
      listeners: this.bound,
      logDirs: this.directories.all.map(({ path }) => path),
      clusterId: this.clusterId,
      nodeId: this.metadata.nodeId,
      engine: this.engine.engine.name,
      engineReason: this.engine.reason,
      durability: durabilityText(this.metadata.config),
    };
  }

  async start(listeners: readonly BrokerListener[]): Promise<void> {
    const { metadata, directories, config } = this;
    const names = listeners.map(({ name }) => name);
    const limits = (): Promise<ConnectionLimitSettings> =>
      connectionLimitSettings(metadata.config, names, this.report);
    const begun = this.spawned.begin(this.threadData(await limits()), {
      report: this.report,
      serve: (request) => this.dispatcher.serve(request),
      createTopics: (names, client) => this.autoCreation.create(names, this.mutations.of(client, true)),
      closed: (connection) => this.shares.connectionClosed(connection),
      readable: (slot) => this.shares.readable(slot),
      onLost: (thread, error) => this.lost(`network thread ${thread}`, error),
    });
    begun.catch(() => undefined); // awaited below, unless the metadata fails first
    const endpoints = listeners.map(({ name, advertised, securityProtocol }) => ({
      name,
      ...advertised,
      securityProtocol,
    }));
    metadata.start({
      endpoints,
      controllerEndpoints: controllerEndpoints(config),
      cleanStop: directories.cleanStop,
    });
    // A thread that is still loading reads its messages later, in the same order.
    this.network = this.spawned;
    this.feed.sendImage();
    this.partitions.scan();
    await this.feed.settled('all');
    this.partitions.reportStrays();
    directories.recovered();
    metadata.leadersRecovered();
    await this.feed.settled('none');
    await begun;
    this.bound = await this.network.listen(listeners.map(({ name, host, port }) => ({ name, host, port })));
    this.checkpoints.start();
    this.feed.onBrokerConfig(() => {
      void limits().then((settings) => this.network?.broadcast({ type: 'connection-limits', settings }));
    });
  }

  private threadData(connectionLimits: ConnectionLimitSettings) {
    const { metadata, host, clusterId } = this;
    const config = networkThreadConfig(metadata.config);
    // The last slab is the main thread's own.
    const slabs = host.memory.slabs.slice(0, -1);
    const counts = countMemory(slabs.length);
    const rates = rateMemory(slabs.length, config.rateWindows);
    return slabs.map((slab, index) => ({
      index,
      nodeId: metadata.nodeId,
      clusterId,
      kraftVersion: metadata.context.kraftVersion,
      slab,
      gateway: host.gatewayHandle(index),
      portable: this.engine.engine.name === 'portable',
      portableSockets: metadata.config.string('millrace.network.engine') === 'portable',
      reusePort: slabs.length > 1,
      rates,
      counts,
      connectionLimits,
      threads: slabs.length,
      config,
    }));
  }

  private readonly producerIds = new ProducerIds(async () => this.metadata.allocateProducerIds());

  private readonly mutations: MutationQuotas;

  private get context(): MainContext {
    const { metadata, host, partitions, directories, report, clusterId, producerIds, mutations } = this;
    return {
      nodeId: metadata.nodeId,
      clusterId,
      clock: systemClock,
      report,
      config: () => metadata.config,
      metadata,
      submit: (plan) => this.feed.submit(plan),
      mutations,
      nextProducerId: () => producerIds.next(),
      host,
      partitions,
      directories: directories.all,
      groups: this.coordinators.groups,
      shares: this.shares,
      offersShareGroups: () => metadata.image.featureLevel('share.version') > 0,
      shareCoordinator: this.coordinators.shareCoordinator,
      shareStates: this.coordinators.shareStates,
    };
  }

  private readonly dispatcher = new Dispatcher(
    () => this.context,
    mainHandlers(),
    (...line) => this.report(...line),
  );
  private readonly autoCreation = new AutoCreation(
    (plan) => this.feed.submit(plan),
    (...line) => this.report(...line),
  );

  partitionOffline(slot: number, reason: string): void {
    this.partitions.markOffline(slot, reason);
  }

  lost(what: string, error: Error): void {
    const message = `Lost ${what}: ${error.stack ?? error.message}`;
    this.fail(
      error instanceof OperationError
        ? error
        : new OperationError('STORAGE_FAILED', message, { cause: error }),
    );
  }

  stop(): Promise<void> {
    this.stopping ??= this.stopOnce();
    return this.stopping;
  }

  /** Accepting ends first; then nothing new arrives; then logs, checkpoints, metadata and the marker, in Kafka's order. */
  private async stopOnce(): Promise<void> {
    this.checkpoints.stop();
    this.network?.broadcast({ type: 'stop-accepting' });
    this.shares.stop();
    await this.coordinators.stop();
    await this.network?.stop();
    await this.host.shutdown(true);
    this.coordinators.close();
    this.checkpoints.writeAll();
    const { brokerEpoch } = this.metadata;
    this.metadata.shutdown();
    this.directories.close(brokerEpoch);
  }

  /** After a failed start: lets go of everything without a clean mark. */
  async abandon(): Promise<void> {
    this.checkpoints.stop();
    await this.spawned.stop();
    await this.host.shutdown(false).catch(() => undefined);
    this.coordinators.close();
    this.metadata.close();
    this.directories.close(undefined);
  }
}

/** One process is broker and controller together; a broker of somebody else's quorum is not built yet. */
function checkRoles(config: BrokerConfig): void {
  const roles = config.list('process.roles');
  if (roles.length === 0 || (roles.includes('broker') && roles.includes('controller'))) return;
  throw new OperationError(
    'CONFIG_INVALID',
    `process.roles=${roles.join(',')}: only process.roles=broker,controller (one node that is both) can be run.`,
  );
}

/** Starts a broker; throws OperationError with a clear sentence when it cannot. */
export async function startBroker(config: BrokerConfig, report: Report): Promise<RunningBroker> {
  checkRoles(config);
  const listeners = await withPorts(clientListeners(config));
  const spawned = NetworkThreads.spawn(networkThreadCount(config, availableParallelism()));
  let directories: LogDirectories | undefined;
  let broker: Broker | undefined;
  let host: PartitionHost | undefined;
  try {
    directories = LogDirectories.open(config, report);
    formatOnFirstStart(config, report);
    host = createPartitionHost(config, report, directories.partitionsExpected, {
      offline: (slot, reason) => broker?.partitionOffline(slot, reason),
      workerLost: (worker, error) => broker?.lost(`partition worker ${worker}`, error),
    });
    const world = { nowMs: systemClock.now(), newUuid: randomUuid };
    const identity = identifyDirectories(
      config.logDirs,
      config.metadataLogDir,
      config.number('node.id'),
      world,
    );
    directories.identify(identity.directoryIds);
    const metadata = MetadataNode.open({
      config,
      directoryIds: identity.directoryIds,
      clock: systemClock,
      report,
      newUuid: randomUuid,
    });
    broker = new Broker(config, report, directories, identity.clusterId, metadata, spawned, host);
    await broker.start(listeners);
    return broker;
  } catch (error) {
    if (broker === undefined) {
      await host?.shutdown(false).catch(() => undefined);
      directories?.close(undefined);
      await spawned.stop();
    } else await broker.abandon();
    throw isDiskFull(error) ? diskFull(config.logDirs.join(', '), error) : error;
  }
}
