/** Tools that people know, on both brokers: what they print, and what the broker spent meanwhile. */
import { familiarTool, ranOn } from '../support/familiar.js';
import { GB, type Row } from '../support/row.js';

const RECORD_BYTES = 1024;

export const FAMILIAR_ROWS: readonly Row[] = [
  {
    name: 'perf-test',
    title: 'kafka-producer-perf-test: 1 KiB records, acks=1, batch.size 64 KiB, as fast as it goes',
    figures: [
      { key: 'mbps', title: 'MB/s' },
      { key: 'cpu', title: 'CPU-s/GB' },
    ],
    measure: async (run) => {
      await run.create(1);
      const records = Math.round(run.pace.amount * 2e6);
      const words = [
        '--topic',
        run.topic,
        '--num-records',
        String(records),
        '--record-size',
        String(RECORD_BYTES),
      ];
      const more = [
        '--throughput',
        '-1',
        '--producer-props',
        `bootstrap.servers=127.0.0.1:${run.broker.port}`,
      ];
      const tool = familiarTool('org.apache.kafka.tools.ProducerPerformance');
      const used = await ranOn(run.broker, 'java', [
        ...tool,
        ...words,
        ...more,
        'acks=1',
        'batch.size=65536',
      ]);
      const told = /([\d.]+) records\/sec \([\d.]+ MB\/sec\).*\n?$/.exec(used.output.trim());
      if (told === null) throw new Error(`the perf test printed no rate: ${used.output.slice(-200)}`);
      const bytes = records * RECORD_BYTES;
      return { mbps: (Number(told[1]) * RECORD_BYTES) / 1e6, cpu: used.cpuSeconds / (bytes / GB) };
    },
  },
  {
    name: 'kcat',
    title: 'kcat (librdkafka): reads 1 KiB records to /dev/null',
    figures: [
      { key: 'mbps', title: 'MB/s' },
      { key: 'cpu', title: 'CPU-s/GB' },
    ],
    measure: async (run) => {
      await run.create(1);
      const bytes = run.pace.amount * 2 * GB;
      await run.load('produce', { partitions: 1, record: RECORD_BYTES, batch: 65_536, bytes });
      const words = [
        '-b',
        `127.0.0.1:${run.broker.port}`,
        '-t',
        run.topic,
        '-C',
        '-e',
        '-q',
        '-o',
        'beginning',
      ];
      const used = await ranOn(run.broker, 'kcat', words, 'thrown away');
      return { mbps: bytes / used.seconds / 1e6, cpu: used.cpuSeconds / (bytes / GB) };
    },
  },
];
