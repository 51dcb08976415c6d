/** Building of outcomes: what a decision says while it is being made. One builder per call. */
import type { Answer, Outcome, RequestToken, TimerChange } from './contract.js';

export class OutcomeBuilder<Rec> implements Outcome<Rec> {
  readonly records: Rec[] = [];
  readonly answers: Answer[] = [];
  readonly timers: TimerChange[] = [];

  record(record: Rec): this {
    this.records.push(record);
    return this;
  }

  /** `failure` is the same answer when the records cannot be written. */
  answer<Response>(token: RequestToken, response: Response, failure: (error: number) => Response): this {
    this.answers.push({ token, response, failure });
    return this;
  }

  setTimer(key: string, atMs: number): this {
    this.timers.push({ key, atMs });
    return this;
  }

  cancelTimer(key: string): this {
    this.timers.push({ key, atMs: null });
    return this;
  }
}

/** An outcome that only answers. */
export function answerOnly<Rec, Response>(
  token: RequestToken,
  response: Response,
  failure: (error: number) => Response,
): Outcome<Rec> {
  return { records: [], answers: [{ token, response, failure }], timers: [] };
}

const NOTHING: Outcome<never> = { records: [], answers: [], timers: [] };

/** The outcome of a call that changes nothing and answers nobody yet. */
export function noOutcome(): Outcome<never> {
  return NOTHING;
}
