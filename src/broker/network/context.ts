/** The world of a network thread's handlers. */
import type { Clock } from '../../io/clock.js';
import type { SegmentEngine } from '../../io/segment-engine.js';
import type { PartitionGateway } from '../../partition/contract.js';
import type { DelayedFetches } from '../fetch/delayed-fetches.js';
import type { FetchReader } from '../fetch/fetch-reader.js';
import type { FetchSessionCache } from '../fetch/fetch-session.js';
import type { NetworkHandlerSpec } from '../handler.js';
import type { PendingAppends } from '../produce/pending-appends.js';
import type { SingleProduces } from '../produce/single-produces.js';
import type { ClientQuotas, QuotaClient } from '../quota/client-quotas.js';
import type { TopicDirectory } from './topic-directory.js';

/** Features that are implemented here, and those of them that the metadata log finalizes (KIP-584). */
export interface FeatureLevels {
  supported: { name: string; minVersion: number; maxVersion: number }[];
  finalized: { name: string; minVersionLevel: number; maxVersionLevel: number }[];
  epoch: number;
}

export interface NetworkContext {
  readonly nodeId: number;
  readonly clusterId: string;
  readonly config: { readonly fetchBytesMax: number; readonly autoCreateTopics: boolean };
  readonly clock: Clock;
  readonly engine: SegmentEngine;
  readonly gateway: PartitionGateway;
  readonly topics: TopicDirectory;
  readonly appends: PendingAppends;
  readonly singles: SingleProduces;
  readonly reader: FetchReader;
  readonly delayed: DelayedFetches;
  readonly sessions: FetchSessionCache;
  readonly quotas: ClientQuotas;
  /** What ApiVersions lists. */
  readonly advertised: readonly { apiKey: number; minVersion: number; maxVersion: number }[];
  features(): FeatureLevels;
  /** Asks the controller to create topics that a Metadata request named. */
  createTopics(names: string[], client: QuotaClient): void;
}

/** A handler with the types of its messages forgotten, as the router keeps it. */
export type NetworkHandler = NetworkHandlerSpec<NetworkContext, unknown, unknown> & {
  readonly on: 'network';
};

/** Types a handler by its schemas, then forgets them: the router only pairs what the same schema decoded. */
export function networkHandler<Request, Response>(
  spec: NetworkHandlerSpec<NetworkContext, Request, Response>,
): NetworkHandler {
  const erased = { ...spec, on: 'network' } as const;
  return erased as typeof erased & NetworkHandler;
}
