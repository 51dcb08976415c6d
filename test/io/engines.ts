/** The engines that every conformance test runs on. */
import { resolve } from 'node:path';
import { describe } from 'vitest';
import { loadAddon } from '../../src/io/addon.js';
import { NativeSegmentEngine } from '../../src/io/native-engine.js';
import { PortableSegmentEngine } from '../../src/io/portable/segment-engine.js';
import type { SegmentEngine } from '../../src/io/segment-engine.js';

export const root = resolve(import.meta.dirname, '../..');

interface EngineUnderTest {
  name: 'native' | 'portable';
  /** null = cannot run here. */
  make: (() => SegmentEngine) | null;
  whyNot: string;
}

function native(): EngineUnderTest {
  const result = loadAddon();
  if (result.addon !== undefined) {
    const { addon } = result;
    return { name: 'native', make: () => new NativeSegmentEngine(addon), whyNot: '' };
  }
  if (process.env.CI === 'true') throw new Error(`CI must test the native engine, but ${result.reason}`);
  return { name: 'native', make: null, whyNot: result.reason };
}

export const ENGINES: EngineUnderTest[] = [
  { name: 'portable', make: () => new PortableSegmentEngine(), whyNot: '' },
  native(),
];

/** Declares `body` once for each engine. */
export function describeEngines(
  title: string,
  body: (make: () => SegmentEngine, name: 'native' | 'portable') => void,
): void {
  for (const { name, make, whyNot } of ENGINES) {
    if (make === null) {
      describe.skip(`${title} [${name}: ${whyNot}]`, () => body(() => new PortableSegmentEngine(), name));
    } else {
      describe(`${title} [${name}]`, () => body(make, name));
    }
  }
}
