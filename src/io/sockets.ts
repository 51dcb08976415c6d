import { loadAddon } from './addon.js';
import { NativePoller } from './native-poller.js';
import type { Poller, PollerOptions, WakeFunction } from './poller.js';
import { PortablePoller } from './portable/poller.js';

/** The sockets of a network thread: the addon's poller when its engine is the addon's, else the one on node:net. */
export function openPoller(portable: boolean, options: PollerOptions): Poller {
  const { addon } = loadAddon();
  if (portable || addon === undefined || options.engine.name !== 'native') return new PortablePoller(options);
  return new NativePoller(addon, options);
}

/** Wakes a native poller of any thread; a portable one is woken through the port its thread listens on. */
export const wakePoller: WakeFunction = (handle) => {
  if (handle.kind === 'native') loadAddon().addon?.pollerWake(handle.id);
};
