/** Settings of the network threads, from the configuration. */
import type { BrokerConfig } from '../../metadata/config/broker-config.js';
import type { NetworkThreadConfig } from '../network/thread-data.js';

/** queued.max.request.bytes = -1: address space a thread's frames may fill; pages are touched only when used. */
const SLAB_BYTES_DEFAULT = 256 * 1024 * 1024;
/** Threads at the seam (partition/), the main thread not counted. */
const THREADS_MAX = 31;
/** Takes a burst of 500 connects at once; socket.listen.backlog.size raises it. */
const BACKLOG_MIN = 1024;

/** num.network.threads when it is set, else half the cores: partition workers need the other half. */
export function networkThreadCount(config: BrokerConfig, cores: number): number {
  const wanted =
    config.origin('num.network.threads') === 'default'
      ? Math.max(1, Math.floor(cores / 2))
      : config.number('num.network.threads');
  return Math.min(wanted, THREADS_MAX);
}

/** A thread's slab must hold the largest request twice over. */
export function slabBytes(config: BrokerConfig): number {
  const configured = config.number('queued.max.request.bytes');
  const atLeast = 2 * config.number('socket.request.max.bytes');
  return Math.max(configured > 0 ? configured : SLAB_BYTES_DEFAULT, atLeast);
}

/**
 * SO_SNDBUF or SO_RCVBUF of accepted sockets: the configured size when one is set, else the kernel's own tuning. Kafka's
 * default of 100 KiB cuts a 1 MiB answer into three sends with a wait for the reader between them (measured on loopback:
 * 0.29 CPU-s/GB at 2.1 GB/s with it, 0.21 at 3.6 GB/s without).
 */
function socketBufferBytes(
  config: BrokerConfig,
  name: 'socket.send.buffer.bytes' | 'socket.receive.buffer.bytes',
): number {
  return config.origin(name) === 'default' ? -1 : config.number(name);
}

export function networkThreadConfig(config: BrokerConfig): NetworkThreadConfig {
  return {
    fetchBytesMax: config.number('fetch.max.bytes'),
    fetchSessionSlots: config.number('max.incremental.fetch.session.cache.slots'),
    autoCreateTopics: config.boolean('auto.create.topics.enable'),
    frameBytesMax: config.number('socket.request.max.bytes'),
    idleMsMax: config.number('connections.max.idle.ms'),
    sendBufferBytes: socketBufferBytes(config, 'socket.send.buffer.bytes'),
    receiveBufferBytes: socketBufferBytes(config, 'socket.receive.buffer.bytes'),
    rateWindows: {
      samples: config.number('quota.window.num'),
      windowMs: config.number('quota.window.size.seconds') * 1000,
    },
    helping: config.boolean('millrace.helping.enable'),
    backlog: Math.max(BACKLOG_MIN, config.number('socket.listen.backlog.size')),
  };
}
