/** DescribeClientQuotas, AlterClientQuotas. */
import {
  ApiKey,
  alterClientQuotasRequest,
  describeClientQuotasRequest,
} from '../../../../src/protocol/index.js';
import { type Step, stepsOf } from '../step.js';

const describe = stepsOf(ApiKey.DescribeClientQuotas, describeClientQuotasRequest);
const alter = stepsOf(ApiKey.AlterClientQuotas, alterClientQuotasRequest);

type Part = [type: string, name: string | null];
const user = (name: string | null): Part => ['user', name];
const client = (name: string | null): Part => ['client-id', name];
const ip = (name: string | null): Part => ['ip', name];
const entity = (...parts: Part[]): object[] =>
  parts.map(([entityType, entityName]) => ({ entityType, entityName }));

const set = (parts: Part[], ops: Record<string, number | null>): object => ({
  entity: entity(...parts),
  ops: Object.entries(ops).map(([key, value]) => ({ key, value: value ?? 0, remove: value === null })),
});
const now = (...entries: object[]): object => ({ entries });
const dry = (...entries: object[]): object => ({ entries, validateOnly: true });
/** Far above what these steps do. */
const BYTES = 10_000_000;

const EXACT = 0;
const DEFAULT = 1;
const SPECIFIED = 2;
const of = (entityType: string, matchType: number, match: string | null = null): object => ({
  entityType,
  matchType,
  match,
});
const asked = (strict: boolean, ...components: object[]): object => ({ components, strict });

export const quotas: readonly Step[] = [
  describe(0, 'none yet', asked(false)),
  alter(0, 'a user', now(set([user('alice')], { producer_byte_rate: BYTES })), { settleMs: 100 }),
  alter(
    1,
    'a client id',
    now(set([client('worker')], { consumer_byte_rate: BYTES, request_percentage: 55.5 })),
  ),
  alter(
    1,
    'many',
    now(
      set([user('alice'), client('worker')], { controller_mutation_rate: 1000.5 }),
      set([client(null), user('alice')], { producer_byte_rate: BYTES + 1 }),
      set([user(null)], { producer_byte_rate: BYTES + 2 }),
      set([client(null)], { producer_byte_rate: BYTES + 3 }),
      set([user(null), client(null)], { producer_byte_rate: BYTES + 4 }),
      set([ip('127.0.0.9')], { connection_creation_rate: 10 }),
      set([ip(null)], { connection_creation_rate: 100_000 }),
    ),
  ),
  alter(1, 'a strange name', now(set([user('a:b/c "d" Ünï')], { producer_byte_rate: BYTES }))),
  alter(1, 'the same again', now(set([user('alice')], { producer_byte_rate: BYTES }))),
  alter(1, 'nothing', now()),
  alter(1, 'no keys', now(set([user('alice')], {}))),
  alter(1, 'validate only', dry(set([user('bob')], { producer_byte_rate: BYTES }))),
  alter(1, 'no entity', now(set([], { producer_byte_rate: BYTES }))),
  alter(1, 'empty names', now(set([user('')], { producer_byte_rate: 1 }), set([client('')], {}))),
  alter(1, 'an empty address', now(set([ip('')], { connection_creation_rate: 1 }))),
  alter(1, 'unknown entity type', now(set([['host', 'x']], { producer_byte_rate: 1 }))),
  alter(1, 'an entity type twice', now(set([user('x'), user('y')], { producer_byte_rate: 5 }))),
  alter(1, 'address and user', now(set([ip('127.0.0.1'), user('x')], { connection_creation_rate: 5 }))),
  alter(1, 'an address that is none', now(set([ip('300.1.1.1.x')], { connection_creation_rate: 5 }))),
  alter(1, 'a key of another kind', now(set([user('x')], { connection_creation_rate: 5 }))),
  alter(1, 'a key of an address', now(set([ip('127.0.0.1')], { producer_byte_rate: 5 }))),
  alter(1, 'unknown key', now(set([user('x')], { no_such_rate: 5 }))),
  alter(1, 'removing an unknown key', now(set([user('alice')], { no_such_rate: null }))),
  alter(1, 'removing what is not there', now(set([user('x')], { producer_byte_rate: null }))),
  alter(1, 'zero', now(set([user('x')], { producer_byte_rate: 0 }))),
  alter(1, 'negative', now(set([user('x')], { request_percentage: -0.5 }))),
  alter(1, 'a fraction', now(set([user('x')], { producer_byte_rate: 5.5 }))),
  alter(1, 'a tiny fraction', now(set([user('x')], { producer_byte_rate: BYTES + 1e-8 }))),
  alter(1, 'a fraction of a connection', now(set([ip('127.0.0.8')], { connection_creation_rate: 5.5 }))),
  alter(1, 'too many connections', now(set([ip('127.0.0.8')], { connection_creation_rate: 2 ** 31 }))),
  alter(1, 'too many bytes', now(set([user('x')], { producer_byte_rate: 1e30 }))),
  alter(1, 'not a number', now(set([user('x')], { request_percentage: Number.NaN }))),
  alter(1, 'infinite', now(set([user('y')], { request_percentage: Number.POSITIVE_INFINITY }))),
  alter(1, 'an entity twice', now(set([user('x')], { producer_byte_rate: 9 }), set([user('x')], {}))),
  alter(
    1,
    'a key twice',
    now({
      entity: entity(user('x')),
      ops: [
        { key: 'producer_byte_rate', value: 1, remove: false },
        { key: 'producer_byte_rate', value: 2, remove: false },
      ],
    }),
  ),
  alter(
    1,
    'one good, one bad',
    now(set([user('carol')], { producer_byte_rate: BYTES }), set([user('')], {})),
    {
      settleMs: 200,
    },
  ),
  ...[0, 1].map((version) => describe(version, 'everything', asked(false))),
  describe(1, 'nothing, strict', asked(true)),
  describe(1, 'a user', asked(false, of('user', EXACT, 'alice'))),
  describe(1, 'a user, strict', asked(true, of('user', EXACT, 'alice'))),
  describe(1, 'the default user', asked(false, of('user', DEFAULT))),
  describe(1, 'any user', asked(false, of('user', SPECIFIED))),
  describe(1, 'any user, strict', asked(true, of('user', SPECIFIED))),
  describe(1, 'user and client', asked(true, of('user', EXACT, 'alice'), of('client-id', SPECIFIED))),
  describe(1, 'addresses', asked(true, of('ip', SPECIFIED))),
  describe(1, 'the default address', asked(true, of('ip', DEFAULT))),
  describe(1, 'nobody', asked(false, of('user', EXACT, 'nobody'))),
  describe(1, 'an empty name', asked(false, of('user', EXACT, ''))),
  describe(1, 'exactly nothing', asked(false, of('user', EXACT))),
  describe(1, 'default with a name', asked(false, of('user', DEFAULT, 'x'))),
  describe(1, 'any with a name', asked(false, of('user', SPECIFIED, 'x'))),
  describe(1, 'unknown match', asked(false, of('user', 7))),
  describe(1, 'unknown type', asked(false, of('host', SPECIFIED))),
  describe(1, 'no type', asked(false, of('', SPECIFIED))),
  describe(1, 'a type twice', asked(false, of('user', SPECIFIED), of('user', DEFAULT))),
  describe(1, 'address and user', asked(false, of('ip', SPECIFIED), of('user', SPECIFIED))),
  alter(
    1,
    'all away',
    now(
      set([user('alice')], { producer_byte_rate: null }),
      set([client('worker')], { consumer_byte_rate: null, request_percentage: null }),
      set([user('alice'), client('worker')], { controller_mutation_rate: null }),
      set([user('alice'), client(null)], { producer_byte_rate: null }),
      set([user(null)], { producer_byte_rate: null }),
      set([client(null)], { producer_byte_rate: null }),
      set([user(null), client(null)], { producer_byte_rate: null }),
      set([ip('127.0.0.9')], { connection_creation_rate: null }),
      set([ip(null)], { connection_creation_rate: null }),
      set([user('carol')], { producer_byte_rate: null }),
      set([user('y')], { request_percentage: null }),
      set([user('x')], { producer_byte_rate: null, request_percentage: null }),
      set([user('a:b/c "d" Ünï')], { producer_byte_rate: null }),
    ),
    { settleMs: 200 },
  ),
  describe(1, 'what is left', asked(false)),
];
