import type { Poller, PollerOptions, WakeFunction } from './poller.js';
import { PortablePoller } from './portable/poller.js';

/** The sockets of a network thread: the addon's poller when it is there, else the one on node:net. */
export function openPoller(_portable: boolean, options: PollerOptions): Poller {
  return new PortablePoller(options);
}

/** Wakes a poller of any thread; port handles are posted to by whoever holds the port. */
export const wakePoller: WakeFunction = () => undefined;
