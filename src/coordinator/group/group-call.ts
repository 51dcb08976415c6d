/** Who asks: what a request's header and connection tell the shard. */
import type { RequestToken } from '../framework/contract.js';

export interface GroupCall {
  readonly token: RequestToken;
  readonly version: number;
  /** Of the request header; "" when it was null. */
  readonly clientId: string;
  /** As Kafka writes it: "/10.0.0.5" (java.net.InetAddress.toString). */
  readonly clientHost: string;
}
