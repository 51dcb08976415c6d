/**
 * Random courses of joins, syncs, heartbeats, leaves, commits and time. Whatever happens:
 *   - members of one generation learn the same protocol and the same leader, and only the leader gets the list;
 *   - nobody is answered twice (the runner), nobody with a generation that was not made yet;
 *   - a shard that reads the log has the same Stable and Empty groups and offsets;
 *   - everybody is answered in the end, and no timer stays behind but the shard's own.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JoinGroupResponse } from '../../../src/protocol/11-join-group.js';
import {
  bytes,
  commit,
  describeGroup,
  fetchOne,
  heartbeat,
  join,
  joined,
  leave,
  stateOf,
  sync,
} from '../support/requests.js';
import { ShardRunner } from '../support/shard-runner.js';

type Action =
  | { kind: 'join'; who: number; protocols: number; version: number }
  | { kind: 'sync'; who: number }
  | { kind: 'heartbeat'; who: number }
  | { kind: 'leave'; who: number }
  | { kind: 'commit'; who: number; partition: number }
  | { kind: 'time'; ms: number }
  | { kind: 'round'; whos: number[] }
  | { kind: 'restart' };

const CLIENTS = 5;
/** The last two clients are static members. */
const instanceOf = (who: number): string | null => (who >= CLIENTS - 2 ? `instance-${who}` : null);
/** All contain "range": groups never fall apart over protocols, but votes change. */
const PROTOCOLS = [['range'], ['range', 'sticky'], ['sticky', 'range'], ['sticky', 'other', 'range']];

const who = fc.integer({ min: 0, max: CLIENTS - 1 });
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('join' as const),
      who,
      protocols: fc.integer({ min: 0, max: PROTOCOLS.length - 1 }),
      version: fc.constantFrom(2, 5, 8, 9),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('sync' as const), who }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('heartbeat' as const), who }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('leave' as const), who }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('commit' as const),
      who,
      partition: fc.integer({ min: 0, max: 2 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('time' as const),
      ms: fc.constantFrom(0, 1_000, 3_000, 7_000, 30_000),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('round' as const),
      whos: fc.uniqueArray(who, { minLength: 1, maxLength: CLIENTS }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
);

/** What one client knows. */
interface Client {
  memberId: string;
  generation: number;
  protocol: string;
  leads: boolean;
  members: string[];
  waits: number[];
}

class Course {
  runner = ShardRunner.started();
  readonly clients: Client[] = Array.from({ length: CLIENTS }, () => this.newClient());
  /** Joins by token: whose they are. */
  private readonly joins = new Map<number, number>();
  private readonly others = new Set<number>();
  /** What the members of a generation were told; forgotten at a restart, which may make a number again. */
  private generations = new Map<number, { protocol: string | null; leaders: Set<string> }>();
  private newest = 0;

  private newClient(): Client {
    return { memberId: '', generation: -1, protocol: '', leads: false, members: [], waits: [] };
  }

  private client(index: number): Client {
    const client = this.clients[index];
    if (client === undefined) throw new Error(`client ${index}`);
    return client;
  }

  act(action: Action): void {
    switch (action.kind) {
      case 'join':
        this.join(action);
        break;
      case 'sync':
        this.sync(action.who);
        break;
      case 'heartbeat': {
        const { generation, memberId } = this.client(action.who);
        heartbeat(this.runner, generation, memberId, { groupInstanceId: instanceOf(action.who) });
        break;
      }
      case 'leave':
        leave(this.runner, [
          { memberId: this.client(action.who).memberId, groupInstanceId: instanceOf(action.who) },
        ]);
        break;
      case 'commit': {
        const { generation, memberId } = this.client(action.who);
        const fields = {
          generationIdOrMemberEpoch: generation,
          memberId,
          groupInstanceId: instanceOf(action.who),
        };
        commit(this.runner, { partition: action.partition, offset: this.runner.log.length }, fields);
        break;
      }
      case 'time':
        this.runner.advance(action.ms);
        break;
      case 'round':
        this.round(action.whos);
        break;
      case 'restart':
        this.restart();
        break;
    }
    this.collect();
  }

  /** Some clients do what real ones do: join until they have a generation, then fetch their assignment. */
  private round(whos: number[]): void {
    for (let attempt = 0; attempt < 3; attempt++) {
      for (const index of whos) {
        const waits = [...this.joins.values()].includes(index);
        if (!waits) this.join({ kind: 'join', who: index, protocols: 1, version: 9 });
        this.collect();
      }
    }
    for (let second = 0; second < 30 && this.joins.size > 0; second++) {
      for (const index of whos) this.act({ kind: 'heartbeat', who: index });
      this.runner.advance(1_000);
      this.collect();
    }
    for (const index of whos.filter((each) => !this.client(each).leads)) this.sync(index);
    for (const index of whos.filter((each) => this.client(each).leads)) this.sync(index);
  }

  private join({ who, protocols, version }: Extract<Action, { kind: 'join' }>): void {
    const names = PROTOCOLS[protocols] ?? [];
    const fields = {
      memberId: this.client(who).memberId,
      groupInstanceId: version >= 5 ? instanceOf(who) : null,
      protocols: names.map((name) => ({ name, metadata: bytes(who) })),
      rebalanceTimeoutMs: 20_000,
    };
    this.joins.set(join(this.runner, fields, version), who);
  }

  private sync(index: number): void {
    const { generation, memberId, protocol, leads, members } = this.client(index);
    const assignments = leads ? members.map((id, at) => ({ memberId: id, assignment: bytes(at) })) : [];
    const fields = { groupInstanceId: instanceOf(index), protocolName: protocol, assignments };
    this.others.add(sync(this.runner, generation, memberId, fields));
  }

  /** Looks at the answers that have arrived. */
  private collect(): void {
    for (const [token, index] of this.joins) {
      if (!this.runner.isAnswered(token)) continue;
      this.joins.delete(token);
      const answer = joined(this.runner, token);
      if (answer.errorCode === 0) this.learn(this.client(index), answer);
      else if (answer.errorCode === 79) this.client(index).memberId = answer.memberId;
      else if (answer.errorCode !== 27) this.client(index).memberId = '';
    }
    for (const token of this.others) if (this.runner.isAnswered(token)) this.others.delete(token);
    const { groupState, members } = describeGroup(this.runner);
    if (groupState === 'Stable') seen.stable++;
    if (groupState === 'Stable' && members.length > 1) seen.together++;
    seen.newestGeneration = Math.max(seen.newestGeneration, this.newest);
  }

  private learn(client: Client, answer: JoinGroupResponse): void {
    const { generationId, protocolName, leader, memberId, members } = answer;
    expect(generationId).toBeGreaterThan(0);
    this.newest = Math.max(this.newest, generationId);
    const known = this.generations.get(generationId) ?? {
      protocol: protocolName,
      leaders: new Set<string>(),
    };
    this.generations.set(generationId, known);
    expect(protocolName).toBe(known.protocol);
    if (members.length > 0) {
      expect(leader).toBe(memberId);
      expect(members.map((member) => member.memberId)).toContain(memberId);
      known.leaders.add(memberId);
    }
    const leads = members.length > 0;
    Object.assign(client, { memberId, generation: generationId, protocol: protocolName ?? '', leads });
    client.members = members.map((member) => member.memberId);
  }

  /** The shard is dropped and read again from its log; what is Stable or Empty is the same. */
  restart(): void {
    const before = this.durable();
    if (describeGroup(this.runner).members.length > 0) seen.restartedWithMembers++;
    this.runner.apply(this.runner.shard.onUnloaded());
    this.collect();
    expect([this.joins.size, this.others.size]).toEqual([0, 0]);
    const successor = this.runner.restarted();
    if (before !== null) expect(this.durable(successor)).toEqual(before);
    this.runner = successor;
    this.generations = new Map();
  }

  /** What a log must give back; null while a rebalance runs (its outcome is not written yet). */
  durable(runner = this.runner): unknown {
    const offsets = [0, 1, 2].map((partition) => fetchOne(runner, 'topic', partition));
    const group = describeGroup(runner);
    if (group.groupState !== 'Stable' && group.groupState !== 'Empty') return null;
    const members = group.members.map((member) => ({
      ...member,
      memberMetadata: [...member.memberMetadata],
    }));
    return {
      offsets,
      state: group.groupState,
      type: group.protocolType,
      protocol: group.protocolData,
      members,
    };
  }

  /** Everybody goes silent. */
  end(): void {
    this.runner.advance(11 * 60_000);
    this.collect();
    expect([this.joins.size, this.others.size]).toEqual([0, 0]);
    expect(['Empty', 'Dead']).toContain(stateOf(this.runner));
    expect([...this.runner.timers.keys()]).toEqual(['expire-offsets']);
    this.restart();
  }
}

/** What the courses came to see: a generator that never gets anywhere proves nothing. */
const seen = { stable: 0, together: 0, restartedWithMembers: 0, newestGeneration: 0 };

describe('random courses', () => {
  it('keep what a group promises', () => {
    fc.assert(
      fc.property(fc.array(action, { minLength: 5, maxLength: 60, size: 'max' }), (actions) => {
        const course = new Course();
        for (const each of actions) course.act(each);
        course.end();
      }),
      { numRuns: 300 },
    );
    expect(seen.stable).toBeGreaterThan(300);
    expect(seen.together).toBeGreaterThan(100);
    expect(seen.restartedWithMembers).toBeGreaterThan(20);
    expect(seen.newestGeneration).toBeGreaterThan(4);
  });
});
