/** Which segments retention removes (Kafka's UnifiedLog.deleteOldSegments). Pure. */
import type { LogConfig } from './contract.js';

export interface SegmentFacts {
  baseOffset: number;
  sizeBytes: number;
  /** Largest batch timestamp, or the file's modification time when there is none. */
  largestTimestamp: number;
}

export interface RetentionPlan {
  /** How many of the first segments go; may be all of them: then the active one is rolled first. */
  count: number;
  reason: 'time' | 'size' | 'log-start' | null;
}

/**
 * Segments front to back, the last one active. Only segments whose successor starts at or below the high watermark go;
 * an empty active segment stays.
 */
export function planRetention(
  segments: readonly SegmentFacts[],
  config: Pick<LogConfig, 'cleanupDelete' | 'retentionMs' | 'retentionBytes'>,
  logStartOffset: number,
  highWatermark: number,
  logEndOffset: number,
  nowMs: number,
): RetentionPlan {
  const nextBase = (index: number): number => segments[index + 1]?.baseOffset ?? logEndOffset;
  const deletable = (index: number): boolean => {
    const last = index === segments.length - 1;
    return nextBase(index) <= highWatermark && !(last && segments[index].sizeBytes === 0);
  };
  const prefix = (goes: (segment: SegmentFacts, index: number) => boolean): number => {
    let count = 0;
    while (count < segments.length && deletable(count) && goes(segments[count], count)) count++;
    return count;
  };
  const candidates: RetentionPlan[] = [];
  if (config.cleanupDelete && config.retentionMs >= 0) {
    candidates.push({
      count: prefix((segment) => nowMs - segment.largestTimestamp > config.retentionMs),
      reason: 'time',
    });
  }
  if (config.cleanupDelete && config.retentionBytes >= 0) {
    let excess = segments.reduce((sum, segment) => sum + segment.sizeBytes, 0) - config.retentionBytes;
    const count = prefix((segment) => {
      if (excess - segment.sizeBytes < 0) return false;
      excess -= segment.sizeBytes;
      return true;
    });
    candidates.push({ count, reason: 'size' });
  }
  // The active segment is never removed for the log start alone.
  const behind = prefix((_, index) => index + 1 < segments.length && nextBase(index) <= logStartOffset);
  candidates.push({ count: behind, reason: 'log-start' });
  const best = candidates.reduce((a, b) => (b.count > a.count ? b : a));
  return best.count > 0 ? best : { count: 0, reason: null };
}
