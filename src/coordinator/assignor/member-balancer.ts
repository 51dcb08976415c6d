/**
 * The subscribers of one topic by load, walked from both ends: `nextLeast` and `nextMost` give members to move a partition
 * to and from. The sizes change meanwhile; the balancer knows without looking, because one step to the left end raises
 * and one step from the right end lowers exactly the member it gave.
 *
 *   sorted by size   | least loaded … lowEnd |        …        | highStart … most loaded … highEnd | excluded |
 *
 * (MemberAssignmentBalancer in UniformHeterogeneousAssignmentBuilder.)
 */
import { assert } from '../../base/assert.js';

export class MemberBalancer {
  readonly #sizes: Int32Array;
  #members: number[] = [];
  #lowEnd = 0;
  #lowSize = 0;
  #lowNext = 0;
  #highStart = 0;
  #highEnd = 0;
  #highSize = 0;
  #highNext = 0;

  /** `sizes`: partitions of each member by its index; the caller changes them with each move. */
  constructor(sizes: Int32Array) {
    this.#sizes = sizes;
  }

  /** Starts with the subscribers of a topic (indexes); the distance between the most and the least loaded. */
  begin(subscribers: readonly number[]): number {
    assert(subscribers.length > 0, 'a topic to balance has subscribers');
    const sizes = this.#sizes;
    const members = [...subscribers].sort((a, b) => sizes[a] - sizes[b] || a - b);
    const least = sizes[members[0]];
    const most = sizes[members[members.length - 1]];
    this.#members = members;
    this.#lowEnd = 0;
    this.#lowSize = least - 1;
    this.#lowNext = 0;
    this.#highStart = members.length;
    this.#highEnd = members.length;
    this.#highSize = most + 1;
    this.#highNext = members.length - 1;
    return most - least;
  }

  /** One of the least loaded; it must get a partition. */
  nextLeast(): number {
    if (this.#lowNext >= this.#lowEnd) {
      this.#lowSize++;
      while (
        this.#lowEnd < this.#members.length &&
        this.#sizes[this.#members[this.#lowEnd]] === this.#lowSize
      ) {
        this.#lowEnd++;
      }
      this.#lowNext = 0;
    }
    return this.#members[this.#lowNext++];
  }

  /** One of the most loaded; it must give a partition away, or be excluded. −1: nobody is left. */
  nextMost(): number {
    if (this.#highNext < this.#highStart) {
      // With everybody of the range excluded the next one may be more than one partition smaller.
      if (this.#highEnd <= this.#highStart && this.#highStart > 0) {
        this.#highSize = this.#sizes[this.#members[this.#highStart - 1]];
      } else {
        this.#highSize--;
      }
      while (this.#highStart > 0 && this.#sizes[this.#members[this.#highStart - 1]] === this.#highSize) {
        this.#highStart--;
      }
      this.#highNext = this.#highEnd - 1;
    }
    return this.#highNext < 0 ? -1 : this.#members[this.#highNext--];
  }

  /** The member that `nextMost` gave last has nothing to give: it is not asked again. */
  excludeMost(): void {
    const members = this.#members;
    const at = this.#highNext + 1;
    const member = members[at];
    members[at] = members[this.#highEnd - 1];
    members[this.#highEnd - 1] = member;
    this.#highEnd--;
  }

  get isBalanced(): boolean {
    return this.#highSize - this.#lowSize <= 1;
  }
}
