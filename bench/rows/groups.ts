/** Consumer groups of the classic protocol: rebalances, committed offsets, and what groups cost that do nothing. */
import { processStats } from '../support/process-stats.js';
import { type Figures, perMillion, perSecond, type Row, type Run } from '../support/row.js';

const IDLE_GROUPS = 10_000;

async function rebalanced(run: Run, members: number): Promise<Figures> {
  await run.create(members);
  const result = await run.load('rebalance', { members, rounds: 7 });
  return { join: result.joinMs ?? Number.NaN, leave: result.leaveMs ?? Number.NaN };
}

const rebalance = (members: number): Row => ({
  name: `rebalance-${members}`,
  title: `Rebalance: ${members} members join at once; then one leaves and the others rejoin (medians of 7)`,
  limit: 'Members of the generator ask for a rebalance every 5 ms: a join takes one such pause at least.',
  figures: [
    { key: 'join', title: 'all joined, ms', aim: { of: 'share', most: 0.3 } },
    { key: 'leave', title: 'one left, ms', aim: { of: 'share', most: 0.3 } },
  ],
  measure: (run) => rebalanced(run, members),
});

export const GROUP_ROWS: readonly Row[] = [
  rebalance(8),
  rebalance(100),
  {
    name: 'commits',
    title: 'OffsetCommit of one partition, 16 connections, a group each',
    figures: [
      { key: 'cpu', title: 'CPU-s/M commits', aim: { of: 'share', most: 0.5 } },
      { key: 'commits', title: 'commits/s' },
      { key: 'p99', title: 'p99, ms' },
    ],
    measure: async (run) => {
      await run.create(6);
      const { warmSeconds, seconds } = run.pace;
      const result = await run.load('commits', {
        partitions: 6,
        connections: 16,
        inflight: 1,
        warm: warmSeconds,
        seconds,
      });
      return { cpu: perMillion(result), commits: perSecond(result), p99: (result.p99us ?? 0) / 1000 };
    },
  },
  {
    name: 'idle-groups',
    title: `${IDLE_GROUPS} groups with one committed offset each`,
    figures: [{ key: 'memory', title: 'MiB', aim: { of: 'value', most: 20 } }],
    measure: async (run) => {
      const other = `${run.topic}-x`;
      await run.create(1);
      await run.create(1, {}, other);
      // The first commits make the internal topic and start what serves it; garbage is as much before as after.
      await run.load('commits', { partitions: 1, groups: IDLE_GROUPS, requests: IDLE_GROUPS, warm: 0 });
      const before = processStats(run.broker.pid).anonymousMiB;
      await run.load(
        'commits',
        { partitions: 1, groups: IDLE_GROUPS, requests: IDLE_GROUPS, warm: 0 },
        other,
      );
      return { memory: processStats(run.broker.pid).anonymousMiB - before };
    },
  },
];
