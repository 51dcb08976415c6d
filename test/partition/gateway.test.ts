import { afterEach, describe, expect, it } from 'vitest';
import type { Helping } from '../../src/partition/gateway.js';
import { TokenState } from '../../src/ring/drain-token.js';
import { Trouble } from './fake-log.js';
import { SeamBench } from './seam-bench.js';

let bench: SeamBench;
afterEach(() => bench.close());

describe('log tokens', () => {
  it('attaches once, follows the published token, lets go when the log goes', () => {
    const calls: string[] = [];
    const engine = {
      attachLog: (directory: string, token: number) => {
        calls.push(`attach ${directory} ${token}`);
        return token + 1000;
      },
      closeLog: (token: number) => {
        calls.push(`close ${token}`);
      },
    };
    bench = new SeamBench({ threads: 1, gateway: { engine } });
    const gateway = bench.gateways[0];
    const slot = bench.open();
    expect([gateway.logToken(slot), gateway.logToken(slot)]).toEqual([1042, 1042]);
    bench.command('delete', slot, {});
    expect(gateway.logToken(slot)).toBe(-1);
    gateway.forget(slot);
    const other = bench.open();
    expect(gateway.logToken(other)).toBe(1042);
    gateway.forget(other);
    gateway.forget(other);
    expect(() => gateway.logToken(other)).toThrow(/not known/);
    gateway.learn(other, '/logs/again', 0);
    expect(gateway.logToken(other)).toBe(1042);
    expect(calls).toEqual([
      'attach /logs/orders-0 42',
      'close 1042',
      'attach /logs/orders-1 42',
      'close 1042',
      'attach /logs/again 42',
    ]);
  });

  it('asserts that a slot was introduced', () => {
    bench = new SeamBench({ threads: 1 });
    expect(() => bench.gateways[0].submitAppend(0, 1, 0, 70, 0)).toThrow(/slot 0 is not known/);
    expect(() => bench.gateways[0].learn(0, '/logs/x', 9)).toThrow(/worker 9 does not exist/);
    for (let slot = 0; slot < 600; slot++) bench.gateways[0].learn(slot, `/logs/x-${slot}`, 0);
    expect(bench.gateways[0].submitAppend(599, 1, 0, 70, 0)).toBe(true);
  });
});

describe('waking', () => {
  it('leaves an awake worker alone and sets a sleeping one to awake once a turn', () => {
    bench = new SeamBench({ threads: 1 });
    const slot = bench.open();
    const { token } = bench.submissions;
    bench.gateways[0].submitAppend(slot, 1, 0, 70, 0);
    bench.gateways[0].flushWakes();
    bench.worker.turn();
    token.sleep();
    bench.gateways[0].submitAppend(slot, 2, 0, 70, 0);
    expect(token.state).toBe(TokenState.asleep); // not before the end of the turn
    bench.gateways[0].flushWakes();
    expect(token.state).toBe(TokenState.awake);
  });

  it('a callback that throws neither repeats nor loses completions', async () => {
    let woken = 0;
    bench = new SeamBench({ threads: 1, gateway: { onWake: () => woken++ } });
    const slot = bench.open();
    for (let i = 0; i < 3; i++) bench.gateways[0].submitAppend(slot, i, 0, 70, 0);
    bench.worker.turn();
    const boom = () => {
      throw new Error('handler');
    };
    expect(() => bench.gateways[0].drain(boom, boom)).toThrow('handler');
    await new Promise((resolve) => setImmediate(resolve));
    expect(woken).toBe(1); // nobody else would ring: the gateway is still awake
    expect(bench.drain(0).completions.map(({ request }) => request)).toEqual([1, 2]);
  });
});

describe('helping', () => {
  it('is off by default and, when asked for, drains a sleeping worker under its token', () => {
    const helped: [number, number][] = [];
    const helping: Helping = {
      mayHelp: (_worker, queued) => queued <= 2,
      drain: (worker, ring) => {
        expect(ring.token.state).toBe(TokenState.helped);
        helped.push([worker, bench.worker.turn()]);
      },
    };
    bench = new SeamBench({ threads: 1, gateway: { helping } });
    const slot = bench.open();
    const gateway = bench.gateways[0];
    const { token } = bench.submissions;
    gateway.submitAppend(slot, 1, 0, 70, 0);
    gateway.flushWakes(); // awake: nothing to help with
    bench.worker.turn();
    token.sleep();
    gateway.submitAppend(slot, 2, 0, 70, 0);
    gateway.flushWakes();
    expect(token.state).toBe(TokenState.asleep); // it was never woken
    for (let i = 3; i < 6; i++) gateway.submitAppend(slot, i, 0, 70, 0);
    gateway.flushWakes(); // too much: the worker does it
    expect(token.state).toBe(TokenState.awake);
    bench.worker.turn();
    expect(helped).toEqual([[0, 1]]);
    expect(bench.drain(0).completions.map(({ request, baseOffset }) => [request, baseOffset])).toEqual([
      [1, 0],
      [2, 1],
      [3, 2],
      [4, 3],
      [5, 4],
    ]);
  });

  it('wakes the worker when the helper leaves something behind', () => {
    bench = new SeamBench({ threads: 1, gateway: { helping: { mayHelp: () => true, drain: () => {} } } });
    const slot = bench.open();
    bench.submissions.token.sleep();
    bench.gateways[0].submitAppend(slot, 1, 0, 70, Trouble.refuse);
    bench.gateways[0].flushWakes();
    expect(bench.submissions.token.state).toBe(TokenState.awake);
  });
});
