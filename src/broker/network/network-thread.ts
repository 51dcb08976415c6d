/**
 * Entry of a network thread (Kafka's network and request threads in one): owns its sockets, decodes, serves the hot APIs,
 * forwards the rest to the main thread, answers each connection in order. Never blocks.
 */
import { randomInt } from 'node:crypto';
import { type MessagePort, parentPort } from 'node:worker_threads';
import { assert } from '../../base/assert.js';
import { systemCode } from '../../base/errors.js';
import type { Report } from '../../base/report.js';
import { loadAddon } from '../../io/addon.js';
import { systemClock } from '../../io/clock.js';
import { openEngine } from '../../io/engine.js';
import { CloseReason } from '../../io/poller.js';
import type { SegmentEngine } from '../../io/segment-engine.js';
import { openPoller } from '../../io/sockets.js';
import { MetadataImage } from '../../metadata/image/metadata-image.js';
import { replayBatches } from '../../metadata/log/batch.js';
import { FrameServer } from '../../network/frame-server.js';
import { AppendHelper } from '../../partition/append-helper.js';
import { PartitionGateway } from '../../partition/gateway.js';
import { ApiKey } from '../../protocol/api-keys.js';
import type { FromNetwork, ServedAnswer, ToNetwork } from '../channel.js';
import { DelayedFetches } from '../fetch/delayed-fetches.js';
import { FetchReader } from '../fetch/fetch-reader.js';
import { FetchSessionCache } from '../fetch/fetch-session.js';
import { advertisedApis, routedApis } from '../handlers/index.js';
import { PendingAppends } from '../produce/pending-appends.js';
import { SingleProduces } from '../produce/single-produces.js';
import { ClientQuotas } from '../quota/client-quotas.js';
import { ConnectionLimits, UNLIMITED } from '../quota/connection-limits.js';
import { SharedCounts } from '../quota/shared-counts.js';
import { SharedRates } from '../quota/shared-rates.js';
import { Connections } from './connections.js';
import type { NetworkContext } from './context.js';
import { featureLevels } from './features.js';
import { RequestRouter, type ServedCall } from './request-router.js';
import type { NetworkThreadData } from './thread-data.js';
import { TopicDirectory } from './topic-directory.js';

/** Queued answer bytes of one connection before its reading stops. */
const OUTBOUND_QUEUE_BYTES_MAX = 8 * 1024 * 1024;
const SESSION_ID_MAX = 2 ** 31 - 1;
const API_KEY_BYTES = 2;
const OVER_LIMIT_REPORT_MS = 1_000;
/** Numbers of connections are told apart by their thread above this. */
const CONNECTIONS_PER_THREAD = 2 ** 32;

class NetworkThread {
  private readonly forwarded = new Map<number, ServedCall>();
  private nextForward = 1;
  /** Connections that have fetched for a share group: the main thread hears of their end. */
  private readonly sharing = new Set<number>();
  private readonly slab: Uint8Array;
  private readonly image = new MetadataImage();
  private metadataOffset = -1;
  private readonly server: FrameServer;
  private readonly gateway: PartitionGateway;
  private readonly connections: Connections;
  private readonly router: RequestRouter;
  private readonly context: NetworkContext;
  private readonly listeners = new Map<number, string>();
  private readonly apis = routedApis();
  private readonly rates: SharedRates;
  private readonly limits: ConnectionLimits;
  /** Connections closed because of a limit, and not reported yet. */
  private overLimit = 0;

  constructor(
    private readonly data: NetworkThreadData,
    private readonly port: MessagePort,
  ) {
    this.slab = new Uint8Array(data.slab);
    const { engine } = openEngine(data.portable ? 'portable' : 'auto');
    engine.registerSlab(data.index, this.slab);
    this.server = this.openServer(engine);
    this.gateway = PartitionGateway.attach(data.gateway, {
      engine,
      wakeHandle: this.server.poller.wakeHandle,
      onWake: () => this.wake(),
    });
    this.connections = new Connections(this.server.poller, (listener) => this.listeners.get(listener) ?? '');
    this.rates = new SharedRates(data.rates, data.index, data.threads, data.config.rateWindows);
    const counts = new SharedCounts(data.counts, data.index, data.threads);
    this.limits = new ConnectionLimits(data.connectionLimits, counts, this.rates, systemClock);
    this.context = this.openContext(engine);
    this.router = this.openRouter();
    this.startHelping(engine);
    port.on('message', (message: ToNetwork) => this.receive(message));
    this.send({ type: 'started' });
  }

  private openServer(engine: SegmentEngine): FrameServer {
    const { config } = this.data;
    return new FrameServer({
      slab: this.slab,
      engine,
      makePoller: (onTurn, onWake) =>
        openPoller(this.data.portableSockets, {
          slab: this.slab,
          frameBytesMax: config.frameBytesMax,
          idleMsMax: config.idleMsMax,
          // They hold for all threads and may change: ConnectionLimits counts.
          connectionsMax: UNLIMITED,
          connectionsPerIpMax: UNLIMITED,
          outboundQueueBytesMax: OUTBOUND_QUEUE_BYTES_MAX,
          sendBufferBytes: config.sendBufferBytes,
          receiveBufferBytes: config.receiveBufferBytes,
          engine,
          onTurn,
          onWake,
        }),
      onRequest: (request, connection, position, length) =>
        this.router.serve(request, connection, this.slab, position, length),
      mayOverlap: (request) => this.mayOverlap(request),
      onOpened: (connection, listener) => this.opened(connection, listener),
      onClosed: (connection, reason, detail) => this.closed(connection, reason, detail),
      onRefused: (reason, detail) => this.refused(reason, detail),
      onWake: () => this.wake(),
      // An answer of the main thread may let the next produce of its connection go on: wakes belong to every way in.
      onTurnEnd: () => this.gateway.flushWakes(),
    });
  }

  private openContext(engine: SegmentEngine): NetworkContext {
    const { data, gateway } = this;
    const topics = new TopicDirectory(this.image, gateway);
    const advertised = advertisedApis();
    const appends = new PendingAppends(gateway);
    return {
      nodeId: data.nodeId,
      clusterId: data.clusterId,
      config: data.config,
      clock: systemClock,
      engine,
      gateway,
      topics,
      advertised,
      features: () => featureLevels(this.image, this.metadataOffset, data.kraftVersion),
      appends,
      singles: this.openSingles(topics, appends),
      reader: new FetchReader(gateway, engine, topics),
      delayed: new DelayedFetches(
        () => systemClock.monotonicMs(),
        () => this.server.endTurn(),
      ),
      sessions: new FetchSessionCache(data.config.fetchSessionSlots, () => randomInt(1, SESSION_ID_MAX)),
      quotas: new ClientQuotas(this.rates, systemClock),
      createTopics: (names, { user, clientId }) =>
        this.send({ type: 'create-topics', names, client: { user, clientId } }),
    };
  }

  private openSingles(topics: TopicDirectory, appends: PendingAppends): SingleProduces {
    const { gateway, server, slab } = this;
    return new SingleProduces({
      gateway,
      topics,
      appends,
      complete: (request, bytes) => server.complete(request, bytes),
      refused: (request, completion) =>
        this.router.refused(
          request,
          server.connectionOf(request),
          slab,
          server.framePosition(request),
          server.frameLength(request),
          completion,
        ),
    });
  }

  /** Small appends are done here while their worker sleeps. Needs logs that all threads share: the addon's. */
  private startHelping(engine: SegmentEngine): void {
    const { addon } = loadAddon();
    const { data, gateway } = this;
    const native = engine.name === 'native' && this.server.poller.wakeHandle.kind === 'native';
    if (!native || addon === undefined || !data.config.helping) return;
    const helper = new AppendHelper({
      thread: data.index,
      memory: data.gateway.memory,
      gateway,
      engine,
      clock: systemClock,
      wakeNative: (id) => void addon.pollerWake(id),
      onAppend: this.context.appends.complete,
      onReadable: this.readable,
      onReadableByMain: (slot) => this.send({ type: 'readable', slot }),
    });
    gateway.startHelping(helper);
  }

  private openRouter(): RequestRouter {
    const { server, connections } = this;
    return new RequestRouter({
      context: this.context,
      frames: server,
      report: this.report,
      apis: this.apis,
      client: (connection) => connections.client(connection),
      listener: (connection) => connections.listener(connection),
      onClosed: (connection, request, callback) => connections.onClosed(connection, request, callback),
      answered: (connection, request) => connections.answered(connection, request),
      forward: (call, body) => this.forward(call, body),
    });
  }

  private readonly report: Report = (level, message, fields = {}) =>
    this.send({ type: 'report', level, message, fields });

  private send(message: FromNetwork, transfer: ArrayBuffer[] = []): void {
    this.port.postMessage(message, transfer);
  }

  /** Completions and changed partitions are waiting. */
  private wake(): void {
    const { appends } = this.context;
    this.gateway.drain(appends.complete, this.readable);
    appends.retry();
    this.server.endTurn();
  }

  /** A partition that fetches wait for has changed. */
  private readonly readable = (slot: number): void => {
    if (this.context.delayed.wake(slot)) this.gateway.watch(slot);
  };

  private mayOverlap(request: number): boolean {
    const { server, slab } = this;
    if (server.frameLength(request) < API_KEY_BYTES) return false;
    const at = server.framePosition(request);
    const api = this.apis[(slab[at] << 8) | slab[at + 1]];
    return api?.on === 'network' && api.overlaps === true;
  }

  private opened(connection: number, listener: number): void {
    this.connections.opened(connection, listener);
    const { host } = this.connections.client(connection);
    const admission = this.limits.admit(connection, this.connections.listener(connection), host);
    if (admission.kind === 'open') return;
    if (admission.kind === 'hold') {
      this.server.mute(connection, admission.ms);
      return;
    }
    const life = this.server.lifeOf(connection);
    if (admission.afterMs === 0) this.server.closeConnection(connection);
    else {
      this.server.mute(connection, admission.afterMs);
      setTimeout(() => {
        if (this.server.lifeOf(connection) === life) this.server.closeConnection(connection);
      }, admission.afterMs).unref();
    }
    this.reportOverLimit(`${host}: ${admission.why}`);
  }

  /** One line a second at most, whatever comes. */
  private reportOverLimit(example: string): void {
    if (this.overLimit++ > 0) return;
    setTimeout(() => {
      this.report(
        'warn',
        `Connections refused: ${this.overLimit} over the connection limits, first ${example}`,
      );
      this.overLimit = 0;
    }, OVER_LIMIT_REPORT_MS).unref();
  }

  private closed(connection: number, reason: number, detail: number): void {
    if (reason !== CloseReason.peer && reason !== CloseReason.requested) {
      const { host, port } = this.connections.client(connection);
      const why = closeText(reason, detail);
      const level = reason === CloseReason.idle ? 'debug' : 'warn';
      this.report(level, `Closed connection of ${host}:${port}: ${why}`, { client: `${host}:${port}` });
    }
    this.connections.closed(connection);
    this.limits.closed(connection);
    if (this.sharing.delete(connection))
      this.send({ type: 'closed', connection: this.globalConnection(connection) });
  }

  private refused(reason: number, detail: number): void {
    const why = reason === CloseReason.limit ? `${detail} over the connection limits` : `errno ${detail}`;
    this.report('warn', `Connections refused: ${why}`);
  }

  private forward(call: ServedCall, body: Uint8Array): void {
    const id = this.nextForward++;
    this.forwarded.set(id, call);
    const { apiKey, version, clientId, clientHost, user, listener } = call;
    const connection = this.globalConnection(call.connection);
    if (apiKey === ApiKey.ShareFetch) this.sharing.add(call.connection);
    this.send({
      type: 'request',
      request: { id, apiKey, version, clientId, clientHost, user, connection, listener, body },
    });
  }

  private globalConnection(connection: number): number {
    return this.data.index * CONNECTIONS_PER_THREAD + connection;
  }

  private receive(message: ToNetwork): void {
    switch (message.type) {
      case 'records':
        for (const batch of message.batches) replayBatches(this.image, batch);
        this.metadataOffset = message.lastOffset;
        this.context.topics.changed();
        this.context.quotas.refresh(this.image);
        this.limits.refresh(this.image);
        break;
      case 'connection-limits':
        this.limits.configure(message.settings);
        break;
      case 'placed':
        for (const placement of message.placements) this.context.topics.place(placement);
        break;
      case 'removed':
        for (const slot of message.slots) this.remove(slot);
        break;
      case 'answer':
        this.answer(message.id, message.answer);
        break;
      case 'listen':
        void this.listen(message.listeners);
        break;
      case 'stop-accepting':
        this.server.poller.stopListening();
        break;
      case 'shutdown':
        this.shutdown();
        break;
    }
  }

  /** Fetches parked on a deleted partition are answered: it is unknown now. */
  private remove(slot: number): void {
    this.context.topics.remove(slot);
    this.context.delayed.wake(slot);
    this.server.endTurn();
  }

  private answer(id: number, answer: ServedAnswer | null): void {
    const call = this.forwarded.get(id);
    assert(call !== undefined, `answer to request ${id}, which is not waiting`);
    this.forwarded.delete(id);
    this.router.answerEncoded(call, answer);
  }

  private async listen(listeners: { name: string; host: string; port: number }[]): Promise<void> {
    const { config, reusePort } = this.data;
    const bound: { name: string; host: string; port: number }[] = [];
    try {
      for (const { name, host, port } of listeners) {
        const listening = await this.server.poller.listen(host, port, config.backlog, reusePort);
        this.listeners.set(listening.listener, name);
        bound.push({ name, host, port: listening.port });
      }
      this.send({ type: 'listening', listeners: bound });
    } catch (error) {
      const { host = '', port = 0 } = listeners[0] ?? {};
      this.send({ type: 'failed', ...listenFailure(error, host, port) });
    }
  }

  private shutdown(): void {
    this.context.delayed.close();
    this.server.close();
    this.gateway.close();
    this.port.close();
  }
}

function closeText(reason: number, detail: number): string {
  switch (reason) {
    case CloseReason.badFrame:
      return `its first bytes announce a frame of ${detail} bytes, which is no Kafka request of a legal size`;
    case CloseReason.idle:
      return 'idle for longer than connections.max.idle.ms';
    case CloseReason.stalled:
      return 'its request made no progress for 30 s while others waited for memory';
    case CloseReason.slowReader:
      return 'it did not read its answers';
    default:
      return `reason ${reason}, errno ${detail}`;
  }
}

function listenFailure(error: unknown, host: string, port: number): { code: string; message: string } {
  const code = systemCode(error);
  const where = `${host === '' ? '*' : host}:${port}`;
  if (code === 'EADDRINUSE') {
    return {
      code: 'PORT_IN_USE',
      message: `${where} is in use by another process; stop it or change listeners.`,
    };
  }
  const why = error instanceof Error ? error.message : String(error);
  return { code: 'CONFIG_INVALID', message: `Cannot listen on ${where}: ${why}` };
}

assert(parentPort !== null, 'network-thread.js runs as a worker');
const port = parentPort;
// Started before there is anything to tell it: its code loads while the main thread reads directories and metadata.
port.once('message', (data: NetworkThreadData) => new NetworkThread(data, port));
