/** W6: flush before the acknowledgement (flush.messages=1), 64 producers that each wait for theirs. */
import { perSecond, type Row } from '../support/row.js';

const PRODUCERS = 64;

function row(partitions: number, least?: number): Row {
  return {
    name: `flush-${partitions}`,
    title: `W6: flush.messages=1, ${PRODUCERS} producers with one 1 KiB record in flight, ${partitions} partitions`,
    figures: [
      { key: 'acks', title: 'acks/s', ...(least === undefined ? {} : { aim: { of: 'share', least } }) },
      { key: 'p50', title: 'ack p50, ms' },
      { key: 'p99', title: 'ack p99, ms' },
    ],
    limit:
      'The device: each partition’s file has a flush of its own, and the floor’s loop of fdatasync is no faster.',
    measure: async (run) => {
      await run.create(partitions, { 'flush.messages': 1 });
      const { warmSeconds, seconds } = run.pace;
      const result = await run.load('produce', {
        partitions,
        connections: PRODUCERS,
        inflight: 1,
        record: 1024,
        batch: 1,
        warm: warmSeconds,
        seconds,
      });
      return { acks: perSecond(result), p50: (result.p50us ?? 0) / 1000, p99: (result.p99us ?? 0) / 1000 };
    },
    floor: async (run) => {
      const result = await run.ran('sync', {
        files: partitions,
        producers: PRODUCERS,
        seconds: run.pace.seconds,
      });
      return { acks: result.acksPerSecond ?? 0 };
    },
  };
}

export const FLUSH_ROWS: readonly Row[] = [row(1), row(64, 3)];
