/** listeners, advertised.listeners and listener.security.protocol.map as endpoints (SocketServerConfigs.java). */

/** Numbers of the security protocols in metadata records. */
export const SecurityProtocol = { PLAINTEXT: 0, SSL: 1, SASL_PLAINTEXT: 2, SASL_SSL: 3 } as const;
export type SecurityProtocolName = keyof typeof SecurityProtocol;

export interface Listener {
  readonly name: string;
  /** Empty = all interfaces. */
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly protocol: SecurityProtocolName;
  /** It belongs to the controller: not advertised to clients of the broker. */
  readonly controller: boolean;
}

export type ParsedListeners =
  | { readonly listeners: readonly Listener[]; readonly advertised: readonly Listener[] }
  | { readonly problem: string };

interface ListenerKeys {
  list(name: string): readonly string[];
  string(name: string): string;
}

function isProtocol(name: string): name is SecurityProtocolName {
  return Object.hasOwn(SecurityProtocol, name);
}

/** `listeners` as they are bound, and `advertised` as clients are told (without the controller's). */
export function parseListeners(config: ListenerKeys): ParsedListeners {
  const protocols = new Map<string, SecurityProtocolName>();
  for (const pair of config.string('listener.security.protocol.map').split(',')) {
    const [name, protocol] = pair.trim().split(':');
    if (name === '' || protocol === undefined || !isProtocol(protocol)) {
      return { problem: `Error parsing listener.security.protocol.map: ${pair}` };
    }
    protocols.set(name.toUpperCase(), protocol);
  }
  const controllerNames = config.list('controller.listener.names');
  for (const name of controllerNames) {
    // Kafka maps a controller listener without an entry to PLAINTEXT, but only while the map is left at its default
    if (!protocols.has(name.toUpperCase())) protocols.set(name.toUpperCase(), 'PLAINTEXT');
  }
  const bound = parseList('listeners', config.list('listeners'), protocols, controllerNames);
  if ('problem' in bound) return bound;
  const texts = config.list('advertised.listeners');
  const advertised =
    texts.length === 0 ? bound : parseList('advertised.listeners', texts, protocols, controllerNames);
  if ('problem' in advertised) return advertised;
  return { listeners: bound.all, advertised: advertised.all.filter((one) => !one.controller) };
}

function parseList(
  key: string,
  texts: readonly string[],
  protocols: ReadonlyMap<string, SecurityProtocolName>,
  controllerNames: readonly string[],
): { all: Listener[] } | { problem: string } {
  const all: Listener[] = [];
  for (const text of texts) {
    const match = /^([A-Za-z0-9_.-]+):\/\/(\[[0-9a-fA-F:.%]+\]|[^:/[\]]*):(\d{1,5})$/.exec(text);
    if (!match || Number(match[3]) > 65535)
      return { problem: `Unable to parse ${text} to a broker endpoint` };
    const name = match[1].toUpperCase();
    const protocol = protocols.get(name);
    if (protocol === undefined) {
      return { problem: `No security protocol defined for listener ${name}` };
    }
    if (all.some((one) => one.name === name)) {
      return { problem: `Each listener must have a different name, ${key}: ${texts.join(',')}` };
    }
    const port = Number(match[3]);
    if (port !== 0 && key === 'listeners' && all.some((one) => one.port === port)) {
      return { problem: `Each listener must have a different port, ${key}: ${texts.join(',')}` };
    }
    const host = match[2].replace(/^\[|\]$/g, '');
    const controller = controllerNames.some((one) => one.toUpperCase() === name);
    all.push({ name, host, port, protocol, controller });
  }
  return { all };
}
