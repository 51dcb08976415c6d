/** What a row of the benchmark is: what is sent, which figures come out, what is aimed at. */
import type { Broker, Settings } from './brokers.js';
import type { LoadOptions, LoadResult } from './load.js';

export type Side = 'millrace' | 'kafka' | 'floor';
/** Figures of one run by key. */
export type Figures = Record<string, number>;

/** `share`: Millrace's figure divided by Kafka's. `value`: Millrace's figure itself. */
export interface Aim {
  readonly of: 'share' | 'value';
  readonly most?: number;
  readonly least?: number;
}

export interface Figure {
  readonly key: string;
  /** What is told, with its unit. */
  readonly title: string;
  readonly aim?: Aim;
}

/** How long a run takes. */
export interface Pace {
  readonly warmSeconds: number;
  readonly seconds: number;
  /** Share of the full amount of data that rows move which are not bounded by time. */
  readonly amount: number;
}

/** One side of one pair, as a row sees it. */
export interface Run {
  readonly side: 'millrace' | 'kafka';
  readonly broker: Broker;
  readonly pace: Pace;
  /** Topic of this run alone; it is deleted afterwards. */
  readonly topic: string;
  /** Creates the topic (or another name) with its topic settings and waits until every partition answers. */
  create(partitions: number, settings?: Settings, topic?: string): Promise<void>;
  /** Runs the load generator on the topic; throws when a request was refused that must not be. */
  load(mode: string, options: LoadOptions, topic?: string): Promise<LoadResult>;
}

/** The C floor, as a row sees it. */
export interface FloorRun {
  readonly pace: Pace;
  /** Starts the floor's server and runs loads on it. */
  served(options: LoadOptions, loads: (load: Run['load']) => Promise<Figures>): Promise<Figures>;
  /** Runs another mode of the floor to its end. */
  ran(mode: string, options: LoadOptions): Promise<LoadResult>;
}

export interface Row {
  readonly name: string;
  readonly title: string;
  readonly figures: readonly Figure[];
  /** What stands between the figure and its aim, for the list of misses. */
  readonly limit?: string;
  /** Settings of Millrace alone: it then gets a process of its own for this row. */
  readonly millraceSettings?: Settings;
  /** Once on each broker in turn. */
  readonly measure?: (run: Run) => Promise<Figures>;
  /** Instead of `measure`: starts and ends brokers itself. */
  readonly life?: (start: Starter, pace: Pace) => Promise<Figures>;
  readonly floor?: (run: FloorRun) => Promise<Figures>;
}

/** Starts one kind of broker, as a row with a `life` uses it. */
export interface Starter {
  readonly side: 'millrace' | 'kafka';
  start(settings: Settings, directory?: string): Promise<Broker>;
  load(broker: Broker, mode: string, topic: string, options: LoadOptions): Promise<LoadResult>;
}

/** Figures that most rows tell of a load. */
export const GB = 1e9;
export const perGB = (result: LoadResult, bytes = result.bytes): number =>
  (result.brokerCpu ?? 0) / ((bytes ?? 0) / GB);
export const perMillion = (result: LoadResult): number =>
  (result.brokerCpu ?? 0) / ((result.requests ?? 0) / 1e6);
export const perSecond = (result: LoadResult, count = result.requests): number =>
  (count ?? 0) / (result.seconds ?? 1);
export const megabytes = (result: LoadResult): number => perSecond(result, result.bytes) / 1e6;
export const ofCore = (result: LoadResult): number => ((result.brokerCpu ?? 0) / (result.seconds ?? 1)) * 100;
export const ms = (micros: number | undefined): number => (micros ?? Number.NaN) / 1000;
