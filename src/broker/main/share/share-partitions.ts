/**
 * All share partitions of this broker (SharePartitionManager.java): found by group and partition, loaded when first used,
 * let go of when their partition goes. Sessions and waiting fetches belong here too. Main thread: the one owner of who
 * holds which offsets, whatever network thread a member is connected to.
 */
import { KafkaError } from '../../../base/kafka-error.js';
import type { Report } from '../../../base/report.js';
import type { Clock } from '../../../io/clock.js';
import type { BrokerConfig } from '../../../metadata/config/broker-config.js';
import type { MetadataImage } from '../../../metadata/image/metadata-image.js';
import { DelayedFetches } from '../../fetch/delayed-fetches.js';
import { TimerQueue } from '../coordinators/timer-queue.js';
import type { AbortedRanges } from './aborted-ranges.js';
import { type Acknowledgement, isWellFormed } from './acknowledgements.js';
import { durationMs } from './iso-duration.js';
import type { SharePersister } from './persister.js';
import type { ShareLogReader } from './share-log.js';
import { partitionKey, type SessionPartition, type ShareSession, ShareSessions } from './share-session.js';
import { type ShareGroupSettings, shareGroupSettings } from './share-settings.js';
import { type AcknowledgeResult, SharedPartition } from './shared-partition.js';
import { type FetchedPartition, type ShareFetchParams, WaitingFetch } from './waiting-fetch.js';

export interface SharePartitionsDeps {
  readonly log: ShareLogReader;
  readonly aborted: AbortedRanges;
  readonly persister: SharePersister;
  readonly clock: Clock;
  readonly report: Report;
  config(): BrokerConfig;
  image(): MetadataImage;
  /** Where a partition is hosted; −1 = not here. */
  slotOf(topicId: string, partition: number): number;
  findByTimestamp(slot: number, timestamp: number): Promise<{ offset: number } | null>;
}

export interface AcknowledgedPartition extends SessionPartition {
  readonly error: number;
  readonly message: string | null;
}

/** A share coordinator that is not there yet is asked again after this time. */
const LOAD_RETRY_MS = 500;
const BY_DURATION = 'by_duration:';

export class SharePartitions {
  readonly sessions: ShareSessions;
  /** By group, then by partition. */
  private readonly groups = new Map<string, Map<string, SharedPartition>>();
  private readonly waiting = new Set<WaitingFetch>();
  private readonly delayed: DelayedFetches;
  private readonly timers: TimerQueue;
  private stopped = false;

  constructor(private readonly deps: SharePartitionsDeps) {
    this.sessions = new ShareSessions(() => deps.config().number('group.share.max.share.sessions'));
    this.timers = new TimerQueue(deps.clock);
    this.delayed = new DelayedFetches(
      () => deps.clock.monotonicMs(),
      () => undefined,
    );
  }

  settings(groupId: string): ShareGroupSettings {
    return shareGroupSettings(this.deps.config(), this.deps.image(), groupId);
  }

  /** Fetches for a member. Partitions that are unknown or cannot be loaded are answered with their error, at once. */
  async fetch(params: ShareFetchParams, asked: readonly SessionPartition[]): Promise<FetchedPartition[]> {
    const failed: FetchedPartition[] = [];
    const found: SharedPartition[] = [];
    for (const one of asked) {
      const shared = this.partitionOf(params.groupId, one);
      if (typeof shared === 'number') failed.push(nothingOf(one, shared));
      else found.push(shared);
    }
    const loaded = found.filter(({ isActive }) => !isActive).map((shared) => this.load(shared));
    // A load that is answered at once (or has failed) counts; a slow one is waited for together with the records.
    const errors = await Promise.race([Promise.all(loaded), turn(loaded.length)]);
    for (const { key, error } of errors ?? []) if (error !== 0) failed.push(nothingOf(key, error));
    if (failed.length > 0 || found.length === 0 || this.stopped) {
      const now = { ...params, deadlineMs: 0 };
      return [...failed, ...(await this.wait(now, found))];
    }
    return this.wait(params, found);
  }

  async acknowledge(
    groupId: string,
    memberId: string,
    acknowledgements: readonly Acknowledgement[],
    mayRenew: boolean,
  ): Promise<AcknowledgedPartition[]> {
    const answers = acknowledgements.map(async ({ topicId, partition, batches }) => {
      const result = await this.acknowledgeOne(groupId, memberId, { topicId, partition, batches }, mayRenew);
      return { topicId, partition, ...result };
    });
    return Promise.all(answers);
  }

  /** A member is gone: its session ends, what it holds is free. */
  async memberLeft(groupId: string, memberId: string): Promise<void> {
    this.sessions.remove(groupId, memberId);
    for (const fetch of [...this.waiting]) {
      if (fetch.params.groupId === groupId && fetch.params.memberId === memberId) this.cancel(fetch);
    }
    const partitions = [...(this.groups.get(groupId)?.values() ?? [])];
    await Promise.all(partitions.map((shared) => shared.release(memberId)));
    await Promise.all(partitions.map((shared) => shared.settled()));
    if (!this.sessions.hasGroup(groupId)) this.forgetGroup(groupId);
  }

  /** The connection that opened these sessions is gone, and so are their members as far as one can tell. */
  connectionClosed(connection: number): void {
    for (const fetch of [...this.waiting]) if (fetch.params.connection === connection) this.cancel(fetch);
    for (const { groupId, memberId } of this.sessions.ofConnection(connection))
      void this.memberLeft(groupId, memberId);
  }

  /** Something changed in the partition at this slot: more records, a later start, another status. */
  readable(slot: number): void {
    if (this.delayed.wake(slot)) this.deps.log.watch(slot);
  }

  /** Partitions are no longer hosted here. */
  removed(slots: readonly number[]): void {
    for (const [groupId, partitions] of this.groups) {
      for (const [key, shared] of partitions) {
        if (!slots.includes(shared.slot)) continue;
        shared.close();
        partitions.delete(key);
      }
      if (partitions.size === 0) this.groups.delete(groupId);
    }
    for (const slot of slots) this.deps.aborted.forget(slot);
    for (const fetch of [...this.waiting]) {
      if (fetch.slots.some((slot) => slots.includes(slot))) this.cancel(fetch);
    }
  }

  /** Everybody who waits is answered; locks end with the process. */
  stop(): void {
    this.stopped = true;
    for (const fetch of [...this.waiting]) this.cancel(fetch);
    this.delayed.close();
    for (const partitions of this.groups.values()) for (const shared of partitions.values()) shared.close();
    this.groups.clear();
  }

  /** Nobody of the group is here any more: nothing of it needs to be kept in memory. */
  private forgetGroup(groupId: string): void {
    for (const shared of this.groups.get(groupId)?.values() ?? []) shared.close();
    this.groups.delete(groupId);
  }

  private async acknowledgeOne(
    groupId: string,
    memberId: string,
    { topicId, partition, batches }: Acknowledgement,
    mayRenew: boolean,
  ): Promise<AcknowledgeResult> {
    const refused = (error: number): AcknowledgeResult => ({ error, message: null });
    if (this.deps.image().topicById(topicId) === undefined) return refused(KafkaError.UNKNOWN_TOPIC_ID);
    if (!isWellFormed(batches, mayRenew)) return refused(KafkaError.INVALID_REQUEST);
    const shared = this.groups.get(groupId)?.get(partitionKey({ topicId, partition }));
    if (shared === undefined) return refused(KafkaError.UNKNOWN_TOPIC_OR_PARTITION);
    if (batches.length === 0) return refused(0);
    return shared.acknowledge(memberId, batches);
  }

  private wait(
    params: ShareFetchParams,
    partitions: readonly SharedPartition[],
  ): Promise<FetchedPartition[]> {
    const { log, aborted } = this.deps;
    const settings = this.settings(params.groupId);
    const fetch = new WaitingFetch({ log, aborted, settings: () => settings }, params, partitions);
    if (partitions.length === 0 || params.deadlineMs <= this.deps.clock.monotonicMs()) {
      fetch.attempt(true);
      return fetch.results;
    }
    if (fetch.attempt(false)) return fetch.results;
    for (const slot of fetch.slots) log.watch(slot);
    // What arrived before the watch was set would wake nobody: look once more before parking.
    if (fetch.attempt(false)) return fetch.results;
    this.waiting.add(fetch);
    this.delayed.park(fetch);
    return fetch.results.finally(() => this.waiting.delete(fetch));
  }

  private cancel(fetch: WaitingFetch): void {
    this.delayed.cancel(fetch);
    fetch.cancel();
  }

  /** The share partition, made when first asked for, or the error code. */
  private partitionOf(groupId: string, one: SessionPartition): SharedPartition | number {
    const key = partitionKey(one);
    const known = this.groups.get(groupId)?.get(key);
    if (known !== undefined) return known;
    const topic = this.deps.image().topicById(one.topicId);
    if (topic === undefined) return KafkaError.UNKNOWN_TOPIC_ID;
    if (!topic.partitions.has(one.partition)) return KafkaError.UNKNOWN_TOPIC_OR_PARTITION;
    const slot = this.deps.slotOf(one.topicId, one.partition);
    const { error, leaderEpoch } = this.deps.log.state(slot);
    if (error !== 0) return error;
    const shared = this.newPartition(groupId, one, slot, leaderEpoch);
    const partitions = this.groups.get(groupId) ?? new Map<string, SharedPartition>();
    partitions.set(key, shared);
    this.groups.set(groupId, partitions);
    return shared;
  }

  private newPartition(
    groupId: string,
    one: SessionPartition,
    slot: number,
    leaderEpoch: number,
  ): SharedPartition {
    const { persister, clock, report } = this.deps;
    const { topicId, partition } = one;
    const shared: SharedPartition = new SharedPartition({ groupId, topicId, partition }, slot, leaderEpoch, {
      persister,
      timers: this.timers,
      clock,
      report,
      settings: () => this.settings(groupId),
      firstOffset: () => this.firstOffset(groupId, slot),
      onChanged: () => void this.delayed.wake(slot),
      onFenced: () => this.forget(shared),
    });
    return shared;
  }

  private forget(shared: SharedPartition): void {
    const { groupId } = shared.key;
    const partitions = this.groups.get(groupId);
    const key = partitionKey(shared.key);
    if (partitions?.get(key) === shared) partitions.delete(key);
    if (partitions?.size === 0) this.groups.delete(groupId);
  }

  /** Loads a partition; a share coordinator that is not ready is asked again later and is no error. */
  private async load(shared: SharedPartition): Promise<{ key: SessionPartition; error: number }> {
    const error = await shared.load();
    if (error === 0) return { key: shared.key, error };
    if (error === KafkaError.COORDINATOR_NOT_AVAILABLE) {
      setTimeout(() => this.forget(shared), LOAD_RETRY_MS).unref();
      return { key: shared.key, error: 0 };
    }
    shared.close();
    this.forget(shared);
    return { key: shared.key, error };
  }

  private async firstOffset(groupId: string, slot: number): Promise<number> {
    const { autoOffsetReset, readsCommittedOnly } = this.settings(groupId);
    const { start, highWatermark, lastStableOffset } = this.deps.log.state(slot);
    const end = readsCommittedOnly ? lastStableOffset : highWatermark;
    const reset = autoOffsetReset.toLowerCase();
    if (reset === 'earliest') return start;
    const ago = reset.startsWith(BY_DURATION) ? durationMs(autoOffsetReset.slice(BY_DURATION.length)) : null;
    if (ago === null) return end;
    const found = await this.deps.findByTimestamp(slot, this.deps.clock.now() - ago);
    return found?.offset ?? end;
  }

  /** The session's partitions in the order in which this request shall try them: each comes first in its turn. */
  inTurn(session: ShareSession, epoch: number): SessionPartition[] {
    const all = [...session.partitions.values()];
    const from = all.length === 0 ? 0 : Math.max(0, epoch) % all.length;
    return [...all.slice(from), ...all.slice(0, from)];
  }
}

function nothingOf({ topicId, partition }: SessionPartition, error: number): FetchedPartition {
  return { topicId, partition, error, records: new Uint8Array(0), acquired: [] };
}

/** Resolves with nothing after a turn of the loop, at once where there is nothing to wait for. */
function turn(loads: number): Promise<null> {
  return new Promise((resolve) => {
    if (loads === 0) resolve(null);
    else setImmediate(() => resolve(null));
  });
}
