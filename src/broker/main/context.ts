/** The world of the main thread's handlers: metadata, controller, partitions. */
import type { Report } from '../../base/report.js';
import type { Clock } from '../../io/clock.js';
import type { PartitionHost } from '../../partition/host.js';
import type { BrokerConfig } from '../../metadata/config/broker-config.js';
import type { MetadataNode } from '../../metadata/metadata-node.js';
import type { MainHandlerSpec } from '../handler.js';
import type { LogDirectory } from './log-directories.js';
import type { Partitions } from './partitions.js';

export interface MainContext {
  readonly nodeId: number;
  readonly clusterId: string;
  readonly clock: Clock;
  readonly report: Report;
  /** Static configuration with the dynamic settings of the metadata log over it. */
  config(): BrokerConfig;
  readonly metadata: MetadataNode;
  readonly host: PartitionHost;
  readonly partitions: Partitions;
  readonly directories: readonly LogDirectory[];
  /** Where clients of a listener reach this broker. */
  endpoint(listener: string): { host: string; port: number };
}

/** A handler with the types of its messages forgotten, as the dispatcher keeps it. */
export type MainHandler = MainHandlerSpec<MainContext, unknown, unknown> & { readonly on: 'main' };

/** Types a handler by its schemas, then forgets them: the dispatcher only pairs what the same schema decoded. */
export function mainHandler<Request, Response>(spec: MainHandlerSpec<MainContext, Request, Response>): MainHandler {
  const erased = { ...spec, on: 'main' } as const;
  return erased as typeof erased & MainHandler;
}
