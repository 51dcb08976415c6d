/** W13 and W14: small requests that touch no log, and many connections. */
import { type Figures, ofCore, perMillion, perSecond, type Row, type Run } from '../support/row.js';

const CONNECTIONS = 32;

async function asked(
  load: Run['load'],
  api: 'versions' | 'metadata',
  pace: Run['pace'],
  topics = '',
): Promise<Figures> {
  const result = await load('ping', {
    api,
    topics,
    connections: CONNECTIONS,
    inflight: 1,
    warm: pace.warmSeconds,
    seconds: pace.seconds,
  });
  return { cpu: perMillion(result), requests: perSecond(result) };
}

const FIGURES: Row['figures'] = [
  { key: 'cpu', title: 'CPU-s/M requests', aim: { of: 'share', most: 0.1 } },
  { key: 'requests', title: 'requests/s' },
];

export const REQUEST_ROWS: readonly Row[] = [
  {
    name: 'api-versions',
    title: `W13: ApiVersions, ${CONNECTIONS} connections`,
    figures: FIGURES,
    limit: 'A recv and a send for each request, which is what the floor does.',
    measure: (run) => asked(run.load, 'versions', run.pace),
    floor: (run) => run.served({}, (load) => asked(load, 'versions', { ...run.pace, warmSeconds: 0.5 })),
  },
  {
    name: 'metadata',
    title: `W13: Metadata of 10 topics × 6 partitions, ${CONNECTIONS} connections`,
    figures: FIGURES,
    limit: 'A recv and a send for each request, which is what the floor does.',
    measure: async (run) => {
      const topics = Array.from({ length: 10 }, (_, i) => `${run.topic}-${i}`);
      for (const topic of topics) await run.create(6, {}, topic);
      return asked(run.load, 'metadata', run.pace, topics.join(','));
    },
  },
  {
    name: 'connections',
    title: 'W14: 5,000 connections, 1 % of them active with 1,000 requests a second; then 500 opened at once',
    limit: 'A wake-up of an idle core for each request.',
    figures: [
      { key: 'core', title: '% of a core', aim: { of: 'share', most: 0.2 } },
      { key: 'memory', title: 'MiB per 1,000', aim: { of: 'value', most: 0.5 } },
      { key: 'open', title: '500 opened, s', aim: { of: 'value', most: 0.5 } },
    ],
    measure: async (run) => {
      const { warmSeconds, seconds } = run.pace;
      const result = await run.load('connections', {
        open: 5000,
        active: 1,
        rate: 1000,
        batchOpen: 500,
        warm: warmSeconds,
        seconds,
      });
      const grown = (result.brokerAnonMiB ?? 0) - (result.brokerAnonBeforeMiB ?? 0);
      return { core: ofCore(result), memory: grown / 5, open: result.batchOpenSeconds ?? 0 };
    },
  },
];
