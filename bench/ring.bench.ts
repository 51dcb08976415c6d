/** The ring alone, one thread on both sides: what an entry costs without anybody waiting (layers.ts runs it). */
import { Bench, type BenchOptions } from 'tinybench';
import { Ring } from '../src/ring/ring.js';

const CAPACITY = 4096;

function passTask(entries: number): () => void {
  const ring = Ring.attach(Ring.create(CAPACITY));
  return () => {
    for (let i = 0; i < entries; i++) {
      ring.reserve(1);
      ring.words[ring.word(0) + 1] = i;
      ring.publish();
    }
    const count = ring.ready(CAPACITY);
    let sum = 0;
    for (let i = 0; i < count; i++) sum += ring.words[ring.taken(i) + 1];
    ring.release(count);
    if (count !== entries || sum !== (entries * (entries - 1)) / 2) throw new Error('the ring lost an entry');
  };
}

export function ringBench(options: BenchOptions): Bench {
  const bench = new Bench(options);
  bench.add('1 entry through a ring', passTask(1));
  bench.add('64 entries through a ring, one drain', passTask(64));
  return bench;
}
