import type { GatewayHandle } from '../../partition/gateway.js';
import type { ConnectionLimitSettings } from '../quota/connection-limits.js';
import type { RateWindows } from '../quota/shared-rates.js';

/** What the main thread gives a network thread as its first message. */
export interface NetworkThreadData {
  readonly index: number;
  readonly nodeId: number;
  readonly clusterId: string;
  readonly kraftVersion: number;
  readonly slab: SharedArrayBuffer;
  /** Handle of the partition seam (partition/). */
  readonly gateway: GatewayHandle;
  /** Which segment engine, and whether sockets go through node:net although the addon is there. */
  readonly portable: boolean;
  readonly portableSockets: boolean;
  /** More than one thread listens on the same port. */
  readonly reusePort: boolean;
  /** Rates that all network threads share (broker/quota). */
  readonly rates: SharedArrayBuffer;
  /** Connections open in all network threads. */
  readonly counts: SharedArrayBuffer;
  readonly connectionLimits: ConnectionLimitSettings;
  /** Number of network threads. */
  readonly threads: number;
  readonly config: NetworkThreadConfig;
}

export interface NetworkThreadConfig {
  readonly fetchBytesMax: number;
  readonly fetchSessionSlots: number;
  readonly autoCreateTopics: boolean;
  readonly frameBytesMax: number;
  readonly idleMsMax: number;
  readonly sendBufferBytes: number;
  readonly receiveBufferBytes: number;
  readonly backlog: number;
  /** quota.window.num, quota.window.size.seconds */
  readonly rateWindows: RateWindows;
  /** millrace.helping.enable */
  readonly helping: boolean;
}
