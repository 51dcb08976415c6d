/** Which protocol (assignment strategy) a group uses: each member votes for the first one of its list that all support. */
import { assert } from '../../../base/assert.js';
import type { ClassicMember, MemberProtocol } from './classic-member.js';

/** How many members support each protocol. */
export class ProtocolCounts {
  private readonly counts = new Map<string, number>();

  constructor(members: Iterable<ClassicMember>) {
    for (const member of members) this.add(member.protocols);
  }

  add(protocols: readonly MemberProtocol[]): void {
    for (const { name } of protocols) this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  remove(protocols: readonly MemberProtocol[]): void {
    for (const { name } of protocols) {
      const count = (this.counts.get(name) ?? 0) - 1;
      if (count > 0) this.counts.set(name, count);
      else this.counts.delete(name);
    }
  }

  /** Whether all of `members` members support it. */
  supportedByAll(name: string, members: number): boolean {
    return (this.counts.get(name) ?? 0) === members;
  }
}

/** The protocol with most votes; of equals the one voted for first (Kafka: any). There must be a common one. */
export function selectProtocol(
  members: Iterable<ClassicMember>,
  isCandidate: (name: string) => boolean,
): string {
  const votes = new Map<string, number>();
  let winner: string | null = null;
  let most = 0;
  for (const member of members) {
    const vote = member.protocols.find(({ name }) => isCandidate(name))?.name;
    assert(vote !== undefined, `${member.memberId} supports no protocol of its group`);
    votes.set(vote, (votes.get(vote) ?? 0) + 1);
  }
  for (const [name, count] of votes) {
    if (count > most) [winner, most] = [name, count];
  }
  assert(winner !== null, 'nobody votes');
  return winner;
}
