/**
 * Rates over the last seconds, shared by the network threads without a lock: each thread adds to a lane of its own, and
 * whoever wants the rate adds the lanes up (SampledStat and Rate of Kafka, with samples that begin at whole seconds).
 *
 *   names   rows × int64           see SharedNames
 *   rows    row × lane × sample ×  { number of the sample's window, sum in it }, two float64
 *
 * A reader beside a writer may miss what is being added this very moment, never more. Rows are not given back: when they
 * are used up, a further rate is kept by each thread for itself.
 */
import { NAME_BYTES, SharedNames } from './shared-names.js';

const ROWS = 8192;
const BYTES_MAX = 64 * 1024 * 1024;
const CELL = 2;
const CELL_BYTES = CELL * 8;
/** Rates that found no row, of one thread; the oldest goes. */
const LOCAL_RATES_MAX = 4096;
export interface RateWindows {
  /** quota.window.num: samples kept, the current one included. */
  readonly samples: number;
  /** quota.window.size.seconds in ms. */
  readonly windowMs: number;
}

function rowsFor(lanes: number, { samples }: RateWindows): number {
  return Math.max(16, Math.min(ROWS, Math.floor(BYTES_MAX / (lanes * samples * CELL_BYTES))));
}

/** Memory for `lanes` threads; zero pages until rates are used. */
export function rateMemory(lanes: number, windows: RateWindows): SharedArrayBuffer {
  const rows = rowsFor(lanes, windows);
  return new SharedArrayBuffer(rows * NAME_BYTES + rows * lanes * windows.samples * CELL_BYTES);
}

/** One rate, as one thread uses it. */
export class SharedRate {
  /** Time the last `measure` looked back over, ms. */
  windowMs = 0;

  constructor(
    private readonly cells: Float64Array,
    /** First cell of the row. */
    private readonly from: number,
    private readonly lane: number,
    private readonly lanes: number,
    private readonly windows: RateWindows,
  ) {}

  /** Adds to the current window; negative takes back what was added in it. */
  add(amount: number, nowMs: number): void {
    const { samples, windowMs } = this.windows;
    const window = Math.floor(nowMs / windowMs);
    const at = this.from + (this.lane * samples + (window % samples)) * CELL;
    if (this.cells[at] !== window) {
      this.cells[at + 1] = 0;
      this.cells[at] = window;
    }
    this.cells[at + 1] += amount;
  }

  /** Units a second. Time that lies before the first addition counts as full windows without any, as in Kafka. */
  measure(nowMs: number): number {
    const { samples, windowMs } = this.windows;
    const window = Math.floor(nowMs / windowMs);
    let sum = 0;
    let oldest = window;
    const end = this.from + this.lanes * samples * CELL;
    for (let at = this.from; at < end; at += CELL) {
      const of = this.cells[at];
      if (of > window || of <= window - samples || this.cells[at + 1] === 0) continue;
      sum += this.cells[at + 1];
      if (of < oldest) oldest = of;
    }
    const elapsed = nowMs - oldest * windowMs;
    const missing = samples - 1 - Math.floor(elapsed / windowMs);
    this.windowMs = missing > 0 ? elapsed + missing * windowMs : elapsed;
    return this.windowMs <= 0 ? 0 : (sum * 1000) / this.windowMs;
  }
}

export class SharedRates {
  private readonly names: SharedNames;
  private readonly cells: Float64Array;
  private readonly known = new Map<string, SharedRate>();
  private readonly local = new Map<string, SharedRate>();

  constructor(
    memory: SharedArrayBuffer,
    private readonly lane: number,
    private readonly lanes: number,
    readonly windows: RateWindows,
  ) {
    const rows = rowsFor(lanes, windows);
    this.names = new SharedNames(memory, 0, rows);
    this.cells = new Float64Array(memory, rows * NAME_BYTES);
  }

  /** The rate of this name, the same one in every thread. */
  rate(name: string): SharedRate {
    const known = this.known.get(name) ?? this.local.get(name);
    if (known !== undefined) return known;
    const row = this.names.row(name);
    return row < 0 ? this.keepLocal(name) : this.keep(name, row);
  }

  private keep(name: string, row: number): SharedRate {
    const { lane, lanes, windows, cells } = this;
    const rate = new SharedRate(cells, row * lanes * windows.samples * CELL, lane, lanes, windows);
    this.known.set(name, rate);
    return rate;
  }

  private keepLocal(name: string): SharedRate {
    const oldest = this.local.keys().next();
    if (this.local.size >= LOCAL_RATES_MAX && !oldest.done) this.local.delete(oldest.value);
    const cells = new Float64Array(this.windows.samples * CELL);
    const rate = new SharedRate(cells, 0, 0, 1, this.windows);
    this.local.set(name, rate);
    return rate;
  }
}
