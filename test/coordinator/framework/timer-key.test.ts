import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AssertionError } from '../../../src/base/assert.js';
import { parseTimerKey, timerKey } from '../../../src/coordinator/framework/timer-key.js';

describe('timer keys', () => {
  it('give back what went in, whatever characters the parts have', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 4 }), (parts) => {
        expect(parseTimerKey(timerKey('kind-of', ...parts))).toEqual({ kind: 'kind-of', parts });
      }),
    );
  });

  it('are different for different parts', () => {
    expect(timerKey('k', 'a:1', 'b')).not.toBe(timerKey('k', 'a', '1:b'));
    expect(timerKey('k', 'ab', '')).not.toBe(timerKey('k', 'a', 'b'));
  });

  it('that nobody made are a fault', () => {
    expect(() => parseTimerKey('kind:x')).toThrow(AssertionError);
    expect(() => parseTimerKey('kind:1:ab')).toThrow(AssertionError);
  });
});
