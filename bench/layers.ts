/** The layers alone, in this process: `node dist/bench/layers.js [ms per task]`. */
import type { Bench, Task } from 'tinybench';
import { recordBench } from './record.bench.js';
import { ringBench } from './ring.bench.js';
import { table } from './support/table.js';
import { wireBench } from './wire.bench.js';

/** Median of one call, ns; NaN when it failed. */
function nanoseconds(task: Task): number {
  return task.result.state === 'completed' ? task.result.latency.p50 * 1e6 : Number.NaN;
}

async function printed(title: string, bench: Bench, rate: (task: Task) => string): Promise<void> {
  await bench.run();
  const rows = bench.tasks.map((task) => [task.name, nanoseconds(task).toFixed(0), rate(task)]);
  process.stdout.write(`${table([title, 'ns a call (p50)', 'MB/s'], rows)}\n\n`);
}

const options = { time: Number(process.argv[2] ?? 300), warmupTime: 100 };
await printed('wire', wireBench(options), () => '');
await printed('ring', ringBench(options), () => '');
const records = recordBench(options);
await printed('record', records.bench, (task) => {
  const ratio = records.ratios.get(task.name);
  const rate = (((records.bytesOf.get(task.name) ?? 0) / nanoseconds(task)) * 1000).toFixed(0);
  return ratio === undefined ? rate : `${rate}, ratio ${ratio}`;
});
