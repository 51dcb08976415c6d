import { afterEach, describe, expect, it } from 'vitest';
import { systemCode } from '../../src/base/errors.js';
import { PortableSegmentEngine } from '../../src/io/portable/segment-engine.js';
import { FaultEngine, FaultError, type FaultPlan } from '../support/fault-engine.js';
import { opaqueBatch } from './batch-bytes.js';
import { hex, LogBench } from './log-bench.js';

let log: LogBench | undefined;
afterEach(() => log?.close());

function bench(plan: FaultPlan | null): { engine: FaultEngine; log: LogBench } {
  const engine = new FaultEngine(new PortableSegmentEngine(), plan);
  log = LogBench.withSegment(engine);
  return { engine, log };
}
function thrownBy(action: () => void): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}
const batch = (): Uint8Array[] => [opaqueBatch(200, 2, 5n)];

describe('FaultEngine', () => {
  it('passes everything through without a plan', () => {
    const { log } = bench(null);
    log.append(batch());
    log.roll();
    log.append(batch());
    log.engine.flush(log.token, 0);
    expect(hex(log.read(2, 4).bytes)).toBe(hex(log.model.batches[1].bytes));
  });

  it('fails the n-th append as the system would, then stays dead for writes while reads go on', () => {
    const { engine, log } = bench({ operation: 'append', at: 3, code: 'ENOSPC' });
    log.append(batch());
    log.append(batch());
    const error = thrownBy(() => log.append(batch()));
    expect(error).toBeInstanceOf(FaultError);
    expect(error).toMatchObject({ code: 'ENOSPC', syscall: 'write', path: log.directory });
    expect(log.info(0).sizeBytes, 'nothing of it is there').toBe(400);
    expect(engine.triesAfterFailure).toBe(0);
    const { token } = log;
    for (const write of [
      () => log.append(batch()),
      () => engine.flush(token, 0),
      () => engine.createSegment(token, 99),
      () => engine.seal(token, 0),
    ]) {
      expect(systemCode(thrownBy(write))).toBe('ENOSPC');
    }
    expect(engine.triesAfterFailure).toBe(4);
    expect(log.read(0, 4).bytes.length).toBe(400);
  });

  it.each([
    ['flush', () => log?.engine.flush(log.token, 0)],
    ['createSegment', () => log?.engine.createSegment(log.token, 50)],
    ['prepareSegment', () => log?.engine.prepareSegment(log.token)],
    ['activate', () => log?.engine.activate(log.token)],
    ['truncate', () => log?.engine.truncate(log.token, 0, 0, 0)],
    ['removeSegment', () => log?.engine.removeSegment(log.token, 0, '.deleted')],
    ['seal', () => log?.engine.seal(log.token, 0)],
  ] as const)('fails %s once and recovers', (operation, run) => {
    const { engine } = bench(null);
    engine.arm({ operation, at: 1, code: 'EIO', recovers: true });
    expect(systemCode(thrownBy(run))).toBe('EIO');
    expect(thrownBy(run)).toBeUndefined();
    expect(engine.calls[operation]).toBe(2);
  });

  it('revives when armed anew', () => {
    const { engine, log } = bench(null);
    engine.arm({ operation: 'flush', at: 2, code: 'EIO' });
    engine.flush(log.token, 0);
    expect(systemCode(thrownBy(() => engine.flush(log.token, 0)))).toBe('EIO');
    expect(systemCode(thrownBy(() => log.append(batch())))).toBe('EIO');
    engine.arm(null);
    log.append(batch());
    expect(log.info(0).sizeBytes).toBe(200);
  });
});
