/** What is wrong with the files, collected while they are dumped and printed at the end (TimeIndexDumpErrors and its kin). */
import { resolve } from 'node:path';
import type { Sink } from './lines.js';

type Pair = readonly [number, number];

class PairsByFile {
  readonly byFile = new Map<string, Pair[]>();
  add(path: string, pair: Pair): void {
    const file = resolve(path);
    const pairs = this.byFile.get(file) ?? [];
    this.byFile.set(file, pairs);
    pairs.push(pair);
  }
}

export class Findings {
  private readonly offsetMismatches = new PairsByFile();
  private readonly timeMismatches = new PairsByFile();
  private readonly timesOutOfOrder = new PairsByFile();
  private readonly offsetsNotFound = new PairsByFile();
  private readonly gaps = new PairsByFile();

  offsetMismatch(path: string, indexOffset: number, logOffset: number): void {
    this.offsetMismatches.add(path, [indexOffset, logOffset]);
  }
  timeMismatch(path: string, indexTimestamp: number, logTimestamp: number): void {
    this.timeMismatches.add(path, [indexTimestamp, logTimestamp]);
  }
  timeOutOfOrder(path: string, indexTimestamp: number, previous: number): void {
    this.timesOutOfOrder.add(path, [indexTimestamp, previous]);
  }
  offsetNotFound(path: string, indexOffset: number, logOffset: number): void {
    this.offsetsNotFound.add(path, [indexOffset, logOffset]);
  }
  gap(path: string, previous: number, offset: number): void {
    this.gaps.add(path, [previous, offset]);
  }

  print(sink: Sink): void {
    for (const [file, pairs] of this.offsetMismatches.byFile) {
      sink.problem(`Mismatches in :${file}`);
      const descending = [...pairs].sort((a, b) => b[0] - a[0]);
      for (const [index, log] of descending) sink.problem(`  Index offset: ${index}, log offset: ${log}`);
    }
    for (const [file, pairs] of this.timeMismatches.byFile) {
      sink.problem(`Found timestamp mismatch in :${file}`);
      for (const [index, log] of pairs) sink.problem(`  Index timestamp: ${index}, log timestamp: ${log}`);
    }
    for (const [file, pairs] of this.timesOutOfOrder.byFile) {
      sink.problem(`Found out of order timestamp in :${file}`);
      for (const [index, previous] of pairs) {
        sink.problem(`  Index timestamp: ${index}, Previously indexed timestamp: ${previous}`);
      }
    }
    for (const [file, pairs] of this.offsetsNotFound.byFile) {
      sink.problem(`The following indexed offsets are not found in :${file}`);
      for (const [index, log] of pairs) sink.problem(`Indexed offset: ${index}, found log offset: ${log}`);
    }
    for (const [file, pairs] of this.gaps.byFile) {
      sink.problem(`Non-consecutive offsets in ${file}`);
      for (const [previous, offset] of pairs) sink.problem(`  ${previous} is followed by ${offset}`);
    }
  }
}
