import { broker, type ConfigRow } from '../row.js';
import { atLeast, oneOf } from '../validators.js';

/** Millrace's own keys; all but `log.validation` begin with `millrace.` so that they never meet one of Kafka's. */
export const MILLRACE_ROWS: readonly ConfigRow[] = [
  broker(
    'millrace.partition.workers.max',
    'INT',
    '0',
    'Most partition worker threads; 0 takes max(4, 2 × cores). Past it partitions share workers.',
    { valid: atLeast(0) },
  ),
  broker(
    'millrace.log.engine',
    'STRING',
    'auto',
    'How segments are written: auto is the addon where it is built (mmap or pwrite per drain); portable needs none.',
    { valid: oneOf('auto', 'portable') },
  ),
  broker(
    'log.validation',
    'STRING',
    'full',
    "What is checked of a producer's batch: full as Kafka checks it, record structure and compressed contents included; header only its header and CRC. Compacted topics and topics with a compression.type of their own are always checked in full.",
    { valid: oneOf('full', 'header') },
  ),
  broker(
    'millrace.network.engine',
    'STRING',
    'auto',
    'How sockets are polled: auto takes epoll when the addon is there; portable is node:net.',
    { valid: oneOf('auto', 'epoll', 'portable') },
  ),
  broker(
    'millrace.helping.enable',
    'BOOLEAN',
    'true',
    'Whether a network thread appends for a sleeping partition worker when little is queued.',
  ),
  broker(
    'super.users',
    'STRING',
    null,
    'Principals that pass every authorization, separated by semicolons (StandardAuthorizer).',
  ),
  broker(
    'allow.everyone.if.no.acl.found',
    'BOOLEAN',
    'false',
    'Whether a resource without ACLs is open to everybody (StandardAuthorizer).',
  ),
];
