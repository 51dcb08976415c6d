/** Chooses the segment engine of this thread: the addon where it is built, else the portable twin. */
import { loadAddon } from './addon.js';
import { NativeSegmentEngine } from './native-engine.js';
import { PortableSegmentEngine } from './portable/segment-engine.js';
import type { SegmentEngine } from './segment-engine.js';

/** `reason` says why the engine is not the native one. */
export function openEngine(kind: 'auto' | 'native' | 'portable' = 'auto'): {
  engine: SegmentEngine;
  reason?: string;
} {
  if (kind === 'portable')
    return { engine: new PortableSegmentEngine(), reason: 'millrace.log.engine=portable' };
  const result = loadAddon();
  if (result.addon !== undefined) return { engine: new NativeSegmentEngine(result.addon) };
  return { engine: new PortableSegmentEngine(), reason: result.reason };
}
