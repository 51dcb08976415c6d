import { assert } from '../base/assert.js';
import { RingWord } from './layout.js';

/**
 * Who may take entries out of a ring. One word, changed by compare-and-set from both sides only:
 *
 * ```
 *                 sleep (owner)
 *        ┌───────────────────────────┐   takeOver (helper)
 *        │                           v ─────────────────────> ┌────────┐
 *   ┌────────┐                   ┌────────┐                   │ helped │
 *   │ awake  │ <──────────────── │ asleep │ <──────────────── └────────┘
 *   └────────┘  signal (producer)└────────┘     handBack (helper)
 *               claim (owner)
 * ```
 *
 * awake: the owner (the thread the ring belongs to) drains, or is about to. asleep: nobody does. helped: another thread
 * drains on the owner's behalf; the owner may not take entries even if it wakes up meanwhile.
 *
 * Why no wake-up is lost: a producer publishes, then reads the token; the owner (or helper) puts the token to asleep,
 * then looks for entries. All four are sequentially consistent, so at least one of the two sees the other:
 *   owner: token = asleep        producer: entry published
 *   owner: ring empty? no -> claim   |     producer: token asleep? yes -> awake, ring the bell
 * A producer that reads `helped` need not do anything: the helper looks for entries after handing back.
 */
export const TokenState = { awake: 0, asleep: 1, helped: 2 } as const;

export class DrainToken {
  constructor(private readonly words: Int32Array) {}

  get state(): number {
    return Atomics.load(this.words, RingWord.token);
  }

  /** Owner: gives the token up. The caller must look for entries afterwards. */
  sleep(): void {
    const was = Atomics.compareExchange(this.words, RingWord.token, TokenState.awake, TokenState.asleep);
    // The text is made only when it is needed: this runs once a turn.
    if (was !== TokenState.awake) assert(false, `drain token given up in state ${was}`);
  }

  /** Owner: takes the token back unless a helper holds it. True = held now (taken, or a producer has set it). */
  claim(): boolean {
    const was = Atomics.compareExchange(this.words, RingWord.token, TokenState.asleep, TokenState.awake);
    return was !== TokenState.helped;
  }

  /** Producer, after publishing: true = the owner was asleep and this caller must ring its bell, exactly once. */
  signal(): boolean {
    if (Atomics.load(this.words, RingWord.token) !== TokenState.asleep) return false;
    const was = Atomics.compareExchange(this.words, RingWord.token, TokenState.asleep, TokenState.awake);
    return was === TokenState.asleep;
  }

  /** Helper: true = the caller drains until handBack. */
  takeOver(): boolean {
    const was = Atomics.compareExchange(this.words, RingWord.token, TokenState.asleep, TokenState.helped);
    return was === TokenState.asleep;
  }

  /** Helper: done. The caller must then look for entries, see `Ring.endHelp`. */
  handBack(): void {
    const was = Atomics.compareExchange(this.words, RingWord.token, TokenState.helped, TokenState.asleep);
    if (was !== TokenState.helped) assert(false, `drain token handed back in state ${was}`);
  }

  /** Owner that may block (a worker): waits at most `timeoutMs` (Infinity) for a bell. */
  wait(timeoutMs: number): void {
    Atomics.wait(this.words, RingWord.token, TokenState.asleep, timeoutMs);
  }

  /** Owner that may block: returns holding the token, after a helper has handed it back. */
  claimFromHelper(): void {
    while (!this.claim()) {
      // A helper is at it (microseconds). Either it reads `wanted` after handing back and rings, or it handed back
      // before this store and the wait below returns at once because the token is no longer `helped`.
      Atomics.store(this.words, RingWord.wanted, 1);
      Atomics.wait(this.words, RingWord.token, TokenState.helped);
    }
    if (this.wanted) Atomics.store(this.words, RingWord.wanted, 0);
  }

  /** Helper, after handBack: the owner stands waiting for the token. */
  get wanted(): boolean {
    return Atomics.load(this.words, RingWord.wanted) !== 0;
  }

  /** Wakes an owner that blocks in `wait` or `claimFromHelper`; about 11 µs when it sleeps, 42 ns when nobody waits. */
  notify(): void {
    Atomics.notify(this.words, RingWord.token, 1);
  }
}
