/** Byte ranges handed out by `read`: each holds its file open until it is dropped. One table an engine. */
import { assert } from '../../base/assert.js';
import type { RangeToken } from '../segment-engine.js';
import type { SharedFile } from './files.js';

/** Far above what connections may queue; reaching it means that somebody forgets to drop ranges. */
const RANGES_MAX = 1_000_000;

export class Ranges {
  private readonly ranges = new Map<RangeToken, { file: SharedFile; position: number; length: number }>();
  private nextToken: RangeToken = 1;

  put(file: SharedFile, position: number, length: number): RangeToken {
    assert(this.ranges.size < RANGES_MAX, 'ranges are handed out and never dropped');
    while (this.ranges.has(this.nextToken)) this.advance();
    const token = this.nextToken;
    this.advance();
    this.ranges.set(token, { file: file.retain(), position, length });
    return token;
  }

  /** An unknown token is ignored: its connection and its owner may both let go. */
  drop(token: RangeToken): void {
    const range = this.ranges.get(token);
    if (range === undefined) return;
    this.ranges.delete(token);
    range.file.release();
  }

  /** Copies bytes of the range from `from` on; returns how many. */
  copy(token: RangeToken, from: number, target: Uint8Array): number {
    const range = this.ranges.get(token);
    assert(range !== undefined, 'no such range');
    const length = Math.min(target.length, range.length - from);
    return length > 0 && from >= 0 ? range.file.read(target, 0, length, range.position + from) : 0;
  }

  private advance(): void {
    this.nextToken = this.nextToken === 0x7fff_ffff ? 1 : this.nextToken + 1; // tokens fit an Int32 column
  }
}
