/** Chooses the segment engine of this thread: the addon where it is built, else the portable twin. */
import { loadAddon } from './addon.js';
import { NativeSegmentEngine } from './native-engine.js';
import { PortableSegmentEngine } from './portable/segment-engine.js';
import type { SegmentEngine } from './segment-engine.js';

/** `reason` says why the engine is not the native one. */
export function openEngine(): { engine: SegmentEngine; reason?: string } {
  const result = loadAddon();
  if (result.addon !== undefined) return { engine: new NativeSegmentEngine(result.addon) };
  return { engine: new PortableSegmentEngine(), reason: result.reason };
}
