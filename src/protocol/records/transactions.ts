/**
 * Metadata records that bracket other records into an atomic group (KIP-868).
 */
import { defineMessage, type Infer, t } from '../../wire/index.js';

export const beginTransactionRecord = defineMessage({
  name: 'BeginTransactionRecord',
  kind: 'metadata',
  key: 23,
  versions: [0, 0],
  flexible: 0,
  fields: {
    name: t.string({ nullable: 0, default: null, tag: 0 }),
  },
});
export type BeginTransactionRecord = Infer<typeof beginTransactionRecord>;

export const endTransactionRecord = defineMessage({
  name: 'EndTransactionRecord',
  kind: 'metadata',
  key: 24,
  versions: [0, 0],
  flexible: 0,
  fields: {},
});
export type EndTransactionRecord = Infer<typeof endTransactionRecord>;

export const abortTransactionRecord = defineMessage({
  name: 'AbortTransactionRecord',
  kind: 'metadata',
  key: 25,
  versions: [0, 0],
  flexible: 0,
  fields: {
    reason: t.string({ nullable: 0, default: null, tag: 0 }),
  },
});
export type AbortTransactionRecord = Infer<typeof abortTransactionRecord>;
