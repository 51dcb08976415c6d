/**
 * The reading half of the two-thread test: attaches to a log that the test's own thread appends to, rolls, removes and
 * recycles, and reads it until told to stop. Every byte it is given must be a whole, published batch.
 * Shared words (BigInt64): end offset, start offset, 1 = finished.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { NativeSegmentEngine } from '../../src/io/native-engine.js';
import { PortableSegmentEngine } from '../../src/io/portable/segment-engine.js';
import { ReadOut, ReadStatus, type SegmentEngine } from '../../src/io/segment-engine.js';

interface Task {
  engine: 'native' | 'portable';
  directory: string;
  token: number;
  state: SharedArrayBuffer;
}

export const StateWord = { end: 0, start: 1, finished: 2 } as const;
const COPY_BYTES = 1 << 20;

class Reader {
  batches = 0;
  jumps = 0;
  private readonly target = new Uint8Array(COPY_BYTES);
  private readonly view = new DataView(this.target.buffer);
  private readonly out = new Float64Array(4);

  constructor(
    private readonly engine: SegmentEngine,
    private readonly log: number,
    private readonly state: BigInt64Array,
  ) {}

  word(index: number): number {
    return Number(Atomics.load(this.state, index));
  }

  /** Reads once at `offset`; returns the offset after the last whole batch, or what to do instead. */
  readAt(offset: number, bytesMax: number): number | 'outOfRange' | 'empty' {
    const end = this.word(StateWord.end);
    const status = this.engine.read(this.log, offset, end, bytesMax, true, this.out);
    if (status === ReadStatus.outOfRange) return 'outOfRange';
    if (status === ReadStatus.empty) return 'empty';
    const range = this.out[ReadOut.range];
    const length = this.engine.copyRange(range, 0, this.target.subarray(0, this.out[ReadOut.length]));
    this.engine.dropRange(range);
    if (length !== this.out[ReadOut.length])
      throw new Error(`range of ${this.out[ReadOut.length]} gave ${length} bytes`);
    return this.check(offset, end, length);
  }

  private check(offset: number, end: number, length: number): number {
    let next = -1;
    for (let at = 0; at + 61 <= length; ) {
      const base = Number(this.view.getBigInt64(at));
      const total = this.view.getInt32(at + 8) + 12;
      const last = base + this.view.getInt32(at + 23);
      const where = `read at ${offset}, end ${end}: batch ${base}..${last} at ${at} of ${length}`;
      if (next >= 0 ? base !== next : base > offset || last < offset)
        throw new Error(`${where} does not follow ${next}`);
      if (last >= end) throw new Error(`${where} was not published`);
      if (at + total > length) break; // cut by the limit
      const bytes = this.target.subarray(at, at + total);
      if (this.engine.crc32c(bytes.subarray(21)) !== this.view.getUint32(at + 17))
        throw new Error(`${where} is torn`);
      if (bytes[61] !== base % 251 || bytes[total - 1] !== base % 251) throw new Error(`${where} is foreign`);
      this.batches++;
      next = last + 1;
      at += total;
    }
    if (next < 0) throw new Error(`read at ${offset} gave no whole batch in ${length} bytes`);
    return next;
  }
}

function run(task: Task): void {
  const engine = task.engine === 'native' ? new NativeSegmentEngine() : new PortableSegmentEngine();
  const log = engine.attachLog(task.directory, task.token);
  const reader = new Reader(engine, log, new BigInt64Array(task.state));
  let offset = 0;
  for (let turn = 0; ; turn++) {
    const finished = reader.word(StateWord.finished) === 1;
    const result = reader.readAt(offset, 1 + ((turn * 7919) % 200_000));
    if (typeof result === 'number') offset = result;
    else if (result === 'outOfRange') {
      offset = reader.word(StateWord.start); // removed behind our back
      reader.jumps++;
    } else if (finished && offset >= reader.word(StateWord.end)) break;
    if (turn % 5 === 0) {
      const [start, end] = [reader.word(StateWord.start), reader.word(StateWord.end)];
      if (end > start) reader.readAt(start + ((turn * 104_729) % (end - start)), 5000);
    }
  }
  engine.closeLog(log);
  parentPort?.postMessage({ batches: reader.batches, jumps: reader.jumps, offset });
}

run(workerData as Task);
