/** Listeners of the configuration as the broker binds and advertises them. */
import { createServer } from 'node:net';
import { hostname } from 'node:os';
import { OperationError } from '../../base/errors.js';
import type { BrokerConfig } from '../../metadata/config/broker-config.js';
import { parseListeners, SecurityProtocol } from '../../metadata/config/listeners.js';
import type { EndpointImage } from '../../metadata/image/model.js';

export interface BrokerListener {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly advertised: { readonly host: string; readonly port: number };
  readonly securityProtocol: number;
}

function parsed(config: BrokerConfig) {
  const listeners = parseListeners(config);
  if ('problem' in listeners) throw new OperationError('CONFIG_INVALID', listeners.problem);
  return listeners;
}

/** Listeners for clients; the controller's need no socket while it is embedded. */
export function clientListeners(config: BrokerConfig): BrokerListener[] {
  const { listeners, advertised } = parsed(config);
  const mine = listeners.filter(({ controller }) => !controller);
  if (mine.length === 0)
    throw new OperationError('CONFIG_INVALID', 'listeners names no listener for clients.');
  return mine.map(({ name, host, port, protocol }) => {
    if (protocol !== 'PLAINTEXT') {
      throw new OperationError(
        'CONFIG_INVALID',
        `Listener ${name} wants ${protocol}; only PLAINTEXT is served so far.`,
      );
    }
    const told = advertised.find((one) => one.name === name);
    const advertisedHost =
      told?.host === undefined || told.host === '' ? (host === '' ? hostname() : host) : told.host;
    const securityProtocol = SecurityProtocol[protocol];
    return {
      name,
      host,
      port,
      advertised: { host: advertisedHost, port: told?.port ?? port },
      securityProtocol,
    };
  });
}

/** What the registration of the embedded controller names. */
export function controllerEndpoints(config: BrokerConfig): EndpointImage[] {
  return parsed(config)
    .listeners.filter(({ controller }) => controller)
    .map(({ name, host, port, protocol }) => ({
      name,
      host: host === '' ? 'localhost' : host,
      port,
      securityProtocol: SecurityProtocol[protocol],
    }));
}

function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, host === '' ? undefined : host, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** Port 0 becomes a free port now: clients are told of it before anybody may connect. */
export function withPorts(listeners: readonly BrokerListener[]): Promise<BrokerListener[]> {
  return Promise.all(
    listeners.map(async (listener) => {
      if (listener.port !== 0) return listener;
      const port = await freePort(listener.host);
      const advertised =
        listener.advertised.port === 0 ? { ...listener.advertised, port } : listener.advertised;
      return { ...listener, port, advertised };
    }),
  );
}
