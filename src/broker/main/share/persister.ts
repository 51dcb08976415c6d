/**
 * Where the state of share partitions is kept (Persister.java): what the share partitions of this broker, and the group
 * coordinator when it initialises or deletes a group's topics, ask of the share coordinator. Main thread.
 *
 * All calls return promises that resolve with `error` (KafkaError; 0 = done and as durable as `__share_group_state` is
 * configured). They never reject for an error of the protocol; the texts are for clients.
 */

/** Names one share partition. `topicId` is the text form of the wire schemas. */
export interface ShareStateKey {
  readonly groupId: string;
  readonly topicId: string;
  readonly partition: number;
}

/** Delivery states as they are written (WriteShareGroupState). Acquired is never written. */
export const DeliveryState = { available: 0, acknowledged: 2, archived: 4 } as const;

/** Offsets [firstOffset, lastOffset] that share one state. */
export interface StateBatch {
  readonly firstOffset: number;
  readonly lastOffset: number;
  /** DeliveryState */
  readonly deliveryState: number;
  readonly deliveryCount: number;
}

export interface PersisterResult {
  /** KafkaError; 0 = done. */
  readonly error: number;
  readonly errorMessage: string | null;
}

/** With an error: stateEpoch and startOffset are 0, batches empty. */
export interface ShareState extends PersisterResult {
  readonly stateEpoch: number;
  /** −1 = initialised, but nobody has said yet where to begin. */
  readonly startOffset: number;
  /** Sorted, without overlaps. */
  readonly batches: readonly StateBatch[];
}

export interface ShareStateSummary extends PersisterResult {
  readonly stateEpoch: number;
  readonly leaderEpoch: number;
  readonly startOffset: number;
  /** Offsets at or above the start whose delivery is complete; −1 = not known. */
  readonly deliveryCompleteCount: number;
}

export interface SharePersister {
  /** InitializeShareGroupState: begins (or begins again, with a larger epoch) at `startOffset`, −1 = not known yet. */
  initialize(key: ShareStateKey, stateEpoch: number, startOffset: number): Promise<PersisterResult>;
  /** ReadShareGroupState by the partition's leader: remembers the leader epoch and so fences older leaders. */
  read(key: ShareStateKey, leaderEpoch: number): Promise<ShareState>;
  /** WriteShareGroupState. `startOffset` −1 leaves it, `batches` replace what was known of their offsets. */
  write(
    key: ShareStateKey,
    stateEpoch: number,
    leaderEpoch: number,
    startOffset: number,
    deliveryCompleteCount: number,
    batches: readonly StateBatch[],
  ): Promise<PersisterResult>;
  /** ReadShareGroupStateSummary: changes nothing. */
  readSummary(key: ShareStateKey, leaderEpoch: number): Promise<ShareStateSummary>;
  /** DeleteShareGroupState. */
  delete(key: ShareStateKey): Promise<PersisterResult>;
}
