import { describe, expect, it } from 'vitest';
import { AssertionError } from '../../../src/base/assert.js';
import { ClassicMember } from '../../../src/coordinator/group/classic/classic-member.js';
import { ProtocolCounts, selectProtocol } from '../../../src/coordinator/group/classic/protocol-vote.js';
import { bytes } from '../support/requests.js';

const member = (memberId: string, ...names: string[]): ClassicMember =>
  new ClassicMember(
    { memberId, groupInstanceId: null, clientId: '', clientHost: '' },
    { rebalanceTimeoutMs: 1, sessionTimeoutMs: 1 },
    names.map((name) => ({ name, metadata: bytes() })),
  );

function vote(...members: ClassicMember[]): string {
  const counts = new ProtocolCounts(members);
  return selectProtocol(members, (name) => counts.supportedByAll(name, members.length));
}

describe('the vote', () => {
  it('goes to the first protocol of most members that all support', () => {
    expect(vote(member('a', 'x', 'y'), member('b', 'y', 'x'), member('c', 'y', 'x'))).toBe('y');
    expect(vote(member('a', 'z', 'y', 'x'), member('b', 'z', 'x', 'y'), member('c', 'x', 'y'))).toBe('x');
  });

  it('is never for one that somebody lacks', () => {
    expect(vote(member('a', 'x', 'y'), member('b', 'x', 'y'), member('c', 'y'))).toBe('y');
  });

  it('of members with nothing in common cannot happen', () => {
    expect(() => vote(member('a', 'x'), member('b', 'y'))).toThrow(AssertionError);
  });

  it('counts follow members that come and go', () => {
    const [a, b] = [member('a', 'x', 'y'), member('b', 'y')];
    const counts = new ProtocolCounts([a, b]);
    expect([counts.supportedByAll('x', 2), counts.supportedByAll('y', 2)]).toEqual([false, true]);
    counts.remove(b.protocols);
    expect([counts.supportedByAll('x', 1), counts.supportedByAll('y', 1)]).toEqual([true, true]);
  });
});
