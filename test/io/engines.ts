/** The engines that every conformance test runs on. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe } from 'vitest';
import { PortableSegmentEngine } from '../../src/io/portable/segment-engine.js';
import type { SegmentEngine } from '../../src/io/segment-engine.js';

export const root = resolve(import.meta.dirname, '../..');

interface EngineUnderTest {
  name: 'native' | 'portable';
  /** null = cannot run here. */
  make: (() => SegmentEngine) | null;
  whyNot: string;
}

const addonPath = process.env.MILLRACE_ADDON ?? resolve(root, 'build/Release/millrace.node');

async function native(): Promise<EngineUnderTest> {
  const absent = (whyNot: string): EngineUnderTest => {
    if (process.env.CI === 'true') throw new Error(`CI must test the native engine, but ${whyNot}`);
    return { name: 'native', make: null, whyNot };
  };
  if (process.env.MILLRACE_NATIVE === 'off') return absent('MILLRACE_NATIVE=off');
  if (!existsSync(addonPath)) return absent('the addon is not built (npm run build)');
  const file = '../../src/io/native-engine.js';
  const module: { NativeSegmentEngine: new () => SegmentEngine } = await import(file);
  return { name: 'native', make: () => new module.NativeSegmentEngine(), whyNot: '' };
}

export const ENGINES: EngineUnderTest[] = [
  { name: 'portable', make: () => new PortableSegmentEngine(), whyNot: '' },
  await native(),
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
