/**
 * What the broker's own share partitions and groups ask of the share coordinator (DefaultStatePersister): the calls of the
 * state APIs without the network between. While there is no coordinator yet its topic is made, and the call waits: whoever
 * asked has nobody else to turn to. Main thread.
 */
import { KafkaError } from '../../../base/kafka-error.js';
import {
  failed,
  readFailed,
  type ShareResult,
  summaryFailed,
} from '../../../coordinator/share/share-shard.js';
import { SHARE_STATE_TOPIC } from '../../internal-topics.js';
import type {
  PersisterResult,
  SharePersister,
  ShareState,
  ShareStateKey,
  ShareStateSummary,
  StateBatch,
} from '../share/persister.js';
import type { DecideShare, ShareCoordinator } from './share-coordinator.js';

/** Waits between attempts, doubled each time; in all about 13 s. */
const WAIT_MS = 25;
const WAIT_MS_MAX = 2_000;
const ATTEMPTS_MAX = 12;

export interface ShareStateStoreDeps {
  readonly coordinator: ShareCoordinator;
  /** Has the topic made, unless it exists. */
  createTopic(name: string): void;
  hasTopic(name: string): boolean;
}

export class ShareStateStore implements SharePersister {
  #stopped = false;
  /** Calls that wait for the coordinator; each ends its wait. */
  readonly #waiting = new Set<() => void>();

  constructor(private readonly deps: ShareStateStoreDeps) {}

  initialize(key: ShareStateKey, stateEpoch: number, startOffset: number): Promise<PersisterResult> {
    return this.#ask(
      key,
      (shard, token, nowMs) => shard.initialize(token, key, stateEpoch, startOffset, nowMs),
      (error) => failed(error),
    );
  }

  read(key: ShareStateKey, leaderEpoch: number): Promise<ShareState> {
    return this.#ask(
      key,
      (shard, token, nowMs) => shard.read(token, key, leaderEpoch, nowMs),
      (error) => readFailed(error),
    );
  }

  write(
    key: ShareStateKey,
    stateEpoch: number,
    leaderEpoch: number,
    startOffset: number,
    deliveryCompleteCount: number,
    batches: readonly StateBatch[],
  ): Promise<PersisterResult> {
    const write = { startOffset, deliveryCompleteCount, stateBatches: batches };
    return this.#ask(
      key,
      (shard, token, nowMs) => shard.write(token, key, stateEpoch, leaderEpoch, write, nowMs),
      (error) => failed(error),
    );
  }

  readSummary(key: ShareStateKey, _leaderEpoch: number): Promise<ShareStateSummary> {
    return this.#ask(
      key,
      (shard, token, nowMs) => shard.readSummary(token, key, nowMs),
      (error) => summaryFailed(error),
    );
  }

  delete(key: ShareStateKey): Promise<PersisterResult> {
    return this.#ask(
      key,
      (shard, token, nowMs) => shard.delete(token, key, nowMs),
      (error) => failed(error),
    );
  }

  /** Calls that wait are refused. */
  stop(): void {
    this.#stopped = true;
    for (const wake of this.#waiting) wake();
  }

  async #ask<Response extends ShareResult>(
    key: ShareStateKey,
    decide: DecideShare,
    failure: (error: number) => Response,
  ): Promise<Response> {
    let waitMs = WAIT_MS;
    for (let attempt = 1; ; attempt++) {
      const answer = await this.deps.coordinator.ask(key, decide, failure);
      if (!isUnavailable(answer.error) || attempt === ATTEMPTS_MAX || this.#stopped) return answer;
      if (!this.deps.hasTopic(SHARE_STATE_TOPIC)) this.deps.createTopic(SHARE_STATE_TOPIC);
      await this.#wait(waitMs);
      waitMs = Math.min(2 * waitMs, WAIT_MS_MAX);
    }
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.#waiting.add(wake);
    });
  }
}

function isUnavailable(error: number): boolean {
  return (
    error === KafkaError.NOT_COORDINATOR ||
    error === KafkaError.COORDINATOR_NOT_AVAILABLE ||
    error === KafkaError.COORDINATOR_LOAD_IN_PROGRESS
  );
}
