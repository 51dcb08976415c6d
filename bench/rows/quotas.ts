/** A client held to its quota, and one beside it that has none. */
import { ms, perSecond, type Row } from '../support/row.js';

const QUOTA_BYTES = 10_000_000;
/** The windows of a quota (11 of 1 s) are full before anything is measured. */
const FILL_SECONDS = 12;
const SECONDS = 30;
const FREE = { client: 'free', partitions: 6, record: 1024, batch: 16_384, mbps: 5 };

export const QUOTA_ROWS: readonly Row[] = [
  {
    name: 'quota',
    title: `One client at full speed with producer_byte_rate=10 MB/s, ${SECONDS} s; beside it one at 5 MB/s without a quota`,
    figures: [
      { key: 'rate', title: 'rate : quota', aim: { of: 'value', least: 0.9 } },
      { key: 'alone', title: 'free client alone, ack p99, ms' },
      { key: 'beside', title: 'free client beside it, ack p99, ms' },
    ],
    measure: async (run) => {
      await run.create(6);
      const alone = await run.load('produce', { ...FREE, warm: 2, seconds: 8 });
      await run.load('quota', { of: 'limited', value: QUOTA_BYTES });
      const held = {
        client: 'limited',
        partitions: 6,
        record: 1024,
        batch: 16_384,
        connections: 1,
        inflight: 5,
      };
      const [limited, beside] = await Promise.all([
        run.load('produce', { ...held, warm: FILL_SECONDS, seconds: SECONDS }),
        run.load('produce', { ...FREE, warm: FILL_SECONDS, seconds: SECONDS }),
      ]);
      await run.load('quota', { of: 'limited', value: -1 });
      return {
        rate: perSecond(limited, limited.bytes) / QUOTA_BYTES,
        alone: ms(alone.p99us),
        beside: ms(beside.p99us),
      };
    },
  },
];
