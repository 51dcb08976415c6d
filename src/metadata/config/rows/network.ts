import { broker, type ConfigRow } from '../row.js';
import { atLeast, noDuplicatesNotEmpty } from '../validators.js';

/** Listeners, sockets, connection limits (SocketServerConfigs.java). */
export const NETWORK_ROWS: readonly ConfigRow[] = [
  broker(
    'listeners',
    'LIST',
    'PLAINTEXT://:9092',
    'Addresses to listen on, as NAME://host:port, comma-separated.',
    { valid: noDuplicatesNotEmpty, dynamic: 'per-broker' },
  ),
  broker(
    'advertised.listeners',
    'LIST',
    null,
    'Addresses told to clients, when they differ from listeners.',
    { valid: noDuplicatesNotEmpty },
  ),
  broker(
    'listener.security.protocol.map',
    'STRING',
    'SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT',
    'Security protocol of each listener name.',
    { dynamic: 'per-broker' },
  ),
  broker(
    'socket.send.buffer.bytes',
    'INT',
    '102400',
    'SO_SNDBUF of accepted sockets; -1 leaves it to the system.',
  ),
  broker(
    'socket.receive.buffer.bytes',
    'INT',
    '102400',
    'SO_RCVBUF of accepted sockets; -1 leaves it to the system.',
  ),
  broker('socket.request.max.bytes', 'INT', '104857600', 'Largest request frame accepted.', {
    valid: atLeast(1),
  }),
  broker('socket.listen.backlog.size', 'INT', '50', 'Pending connections the kernel queues per listener.', {
    valid: atLeast(1),
  }),
  broker('max.connections.per.ip', 'INT', '2147483647', 'Most connections from one address.', {
    valid: atLeast(0),
    dynamic: 'cluster-wide',
  }),
  broker(
    'max.connections.per.ip.overrides',
    'STRING',
    '',
    'Exceptions to max.connections.per.ip, as host:count pairs.',
    { dynamic: 'cluster-wide' },
  ),
  broker('max.connections', 'INT', '2147483647', 'Most connections at a time.', {
    valid: atLeast(0),
    dynamic: 'cluster-wide',
  }),
  broker('max.connection.creation.rate', 'INT', '2147483647', 'Most new connections a second.', {
    valid: atLeast(0),
    dynamic: 'cluster-wide',
  }),
  broker('connections.max.idle.ms', 'LONG', '600000', 'Idle time after which a connection is closed.'),
  broker(
    'connection.failed.authentication.delay.ms',
    'INT',
    '100',
    'Delay before a failed authentication is answered.',
    { valid: atLeast(0) },
  ),
  broker(
    'queued.max.requests',
    'INT',
    '500',
    'Requests Kafka queues for its handlers; Millrace bounds bytes instead.',
    { valid: atLeast(1), effect: false },
  ),
  broker(
    'queued.max.request.bytes',
    'LONG',
    '-1',
    'Bytes of requests in flight per network thread; -1 picks the default.',
  ),
  broker('num.network.threads', 'INT', '3', 'Threads that own sockets and decode requests.', {
    valid: atLeast(1),
    dynamic: 'cluster-wide',
  }),
];
