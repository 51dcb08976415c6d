/** The judge of the group tests sees what it is there to see. */
import { expect, test } from 'vitest';
import { Ledger, parseReport } from './support/groups/ledger.js';

function judge(...lines: string[]): Ledger {
  const ledger = new Ledger();
  for (const [at, line] of lines.entries()) {
    const report = parseReport(`${at} ${line}`);
    if (report !== undefined) ledger.accept(report);
  }
  return ledger;
}

test('two owners of one partition at once', () => {
  expect(judge('a assigned t:0,t:1', 'a revoked t:0', 'b assigned t:0').faults).toEqual([]);
  expect(judge('a assigned t:0,t:1', 'a revoked t:0', 'b assigned t:0,t:1').faults).toEqual([
    '2: t:1 assigned to b while a owns it',
  ]);
  expect(judge('a assigned t:0', 'b record t:0 0 x').faults.length).toBe(1);
  expect(judge('a assigned t:0', 'a closed').faults.length).toBe(1);
});

test('a commit beyond what was delivered', () => {
  expect(judge('a record t:0 0 x', 'a record t:0 1 y', 'a committed t:0=2').faults).toEqual([]);
  expect(judge('a record t:0 0 x', 'a record t:0 2 y', 'a committed t:0=3').faults).toEqual([
    'a committed 3 of t:0, delivered are 1',
  ]);
});

test('a member that ended on its own, a line that is no report', () => {
  expect(judge('a ended of an error').faults).toEqual(['a says ended of an error']);
  expect(parseReport('% a log line of the client')).toBeUndefined();
});
