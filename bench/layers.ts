/** The layers alone, in this process: `node dist/bench/layers.js [ms per task]`. */
import type { Bench, Task } from 'tinybench';
import { groupsBench } from './groups.bench.js';
import { logBench } from './log.bench.js';
import { metadataBench } from './metadata.bench.js';
import { type ByteBench, recordBench } from './record.bench.js';
import { ringBench } from './ring.bench.js';
import { table } from './support/table.js';
import { wireBench } from './wire.bench.js';

/** Median of one call, ns; NaN when it failed. */
function nanoseconds(task: Task): number {
  return task.result.state === 'completed' ? task.result.latency.p50 * 1e6 : Number.NaN;
}

/** Empty where a call has no bytes. */
function megabytesPerSecond(task: Task, bytesOf: ByteBench['bytesOf']): string {
  const bytes = bytesOf.get(task.name);
  return bytes === undefined ? '' : ((bytes / nanoseconds(task)) * 1000).toFixed(0);
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
  const rate = megabytesPerSecond(task, records.bytesOf);
  return ratio === undefined ? rate : `${rate}, ratio ${ratio}`;
});
const logs = logBench(options);
try {
  await printed('log', logs.bench, (task) => megabytesPerSecond(task, logs.bytesOf));
} finally {
  logs.close();
}
const metadata = metadataBench(options);
await printed('metadata', metadata.bench, (task) => megabytesPerSecond(task, metadata.bytesOf));
const groups = groupsBench(options);
await printed('groups', groups.bench, (task) => megabytesPerSecond(task, groups.bytesOf));
