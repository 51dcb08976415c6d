/** The world of the main thread's handlers: metadata, controller, partitions. */
import type { Report } from '../../base/report.js';
import type { Clock } from '../../io/clock.js';
import type { BrokerConfig } from '../../metadata/config/broker-config.js';
import type { ControllerContext, Plan } from '../../metadata/controller/plan.js';
import type { MetadataNode } from '../../metadata/metadata-node.js';
import type { PartitionHost } from '../../partition/host.js';
import type { MainHandlerSpec } from '../handler.js';
import type { MutationQuotas } from '../quota/mutation-quotas.js';
import type { GroupCoordinator } from './coordinators/group-coordinator.js';
import type { ShareCoordinator } from './coordinators/share-coordinator.js';
import type { ShareStateStore } from './coordinators/share-state-store.js';
import type { LogDirectory } from './log-directories.js';
import type { Partitions } from './partitions.js';
import type { SharePartitions } from './share/share-partitions.js';

export interface MainContext {
  readonly nodeId: number;
  readonly clusterId: string;
  readonly clock: Clock;
  readonly report: Report;
  /** Static configuration with the dynamic settings of the metadata log over it. */
  config(): BrokerConfig;
  readonly metadata: MetadataNode;
  /** Runs a controller plan: records durable, image replayed, partitions opened or closed; then its response. */
  submit<Response>(plan: (controller: ControllerContext) => Plan<Response>): Promise<Response>;
  /** controller_mutation_rate of each client. */
  readonly mutations: MutationQuotas;
  nextProducerId(): Promise<bigint>;
  readonly host: PartitionHost;
  readonly partitions: Partitions;
  readonly directories: readonly LogDirectory[];
  readonly groups: GroupCoordinator;
  readonly shareCoordinator: ShareCoordinator;
  readonly shareStates: ShareStateStore;
  readonly shares: SharePartitions;
  /** KIP-932 groups: the cluster's share.version allows them. */
  offersShareGroups(): boolean;
}

/** A handler with the types of its messages forgotten, as the dispatcher keeps it. */
export type MainHandler = MainHandlerSpec<MainContext, unknown, unknown> & { readonly on: 'main' };

/** Types a handler by its schemas, then forgets them: the dispatcher only pairs what the same schema decoded. */
export function mainHandler<Request, Response>(
  spec: MainHandlerSpec<MainContext, Request, Response>,
): MainHandler {
  const erased = { ...spec, on: 'main' } as const;
  return erased as typeof erased & MainHandler;
}
