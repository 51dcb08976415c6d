import type { GatewayHandle } from '../../partition/gateway.js';

/** What the main thread gives a network thread as its first message. */
export interface NetworkThreadData {
  readonly index: number;
  readonly nodeId: number;
  readonly clusterId: string;
  readonly slab: SharedArrayBuffer;
  /** Handle of the partition seam (partition/). */
  readonly gateway: GatewayHandle;
  /** Which segment engine, and whether sockets go through node:net although the addon is there. */
  readonly portable: boolean;
  readonly portableSockets: boolean;
  /** More than one thread listens on the same port. */
  readonly reusePort: boolean;
  readonly config: NetworkThreadConfig;
}

export interface NetworkThreadConfig {
  readonly fetchBytesMax: number;
  readonly fetchSessionSlots: number;
  readonly autoCreateTopics: boolean;
  readonly frameBytesMax: number;
  readonly idleMsMax: number;
  readonly connectionsMax: number;
  readonly connectionsPerIpMax: number;
  readonly sendBufferBytes: number;
  readonly receiveBufferBytes: number;
  readonly backlog: number;
  /** millrace.helping.enable */
  readonly helping: boolean;
}
