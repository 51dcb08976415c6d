/** Results as a table for people and as JSON; misses are listed with what limits them. */
import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';
import type { Figure, Figures, Row, Side } from './row.js';
import { spread, spreadText, table } from './table.js';

export interface RowResult {
  row: Row;
  /** By side, one entry a pair. */
  runs: Record<Side, Figures[]>;
  /** Runs that ended with an error: which, and why. */
  failures: string[];
  profile?: string;
}

export interface Told {
  row: string;
  figure: string;
  millrace: number[];
  kafka: number[];
  floor: number[];
  /** Millrace : Kafka, pair by pair. */
  ratios: number[];
  aim: string;
  verdict: 'reached' | 'missed' | '';
  /** How far the median lies from the aim: 1.2 = a fifth too much (or too little). */
  missedBy: number;
}

function judged(
  figure: Figure,
  millrace: number[],
  ratios: number[],
): Pick<Told, 'aim' | 'verdict' | 'missedBy'> {
  const { aim } = figure;
  if (aim === undefined) return { aim: '', verdict: '', missedBy: 1 };
  const values = aim.of === 'share' ? ratios : millrace;
  const bound = aim.most ?? aim.least ?? Number.NaN;
  const median = spread(values).median;
  const reached = values.length > 0 && (aim.most !== undefined ? median <= bound : median >= bound);
  return {
    aim: `${aim.most !== undefined ? '≤' : '≥'} ${bound}${aim.of === 'share' ? ' ×' : ''}`,
    verdict: reached ? 'reached' : 'missed',
    missedBy: aim.most !== undefined ? median / bound : bound / median,
  };
}

/** One line for every figure of the row. */
export function told({ row, runs }: RowResult): Told[] {
  return row.figures.map((figure) => {
    const of = (side: Side): number[] =>
      runs[side]
        .map((figures) => figures[figure.key])
        .filter((value) => value !== undefined && !Number.isNaN(value));
    const millrace = of('millrace');
    const kafka = of('kafka');
    const ratios = millrace
      .map((value, pair) => value / kafka[pair])
      .filter((value) => Number.isFinite(value));
    return {
      row: row.name,
      figure: figure.title,
      millrace,
      kafka,
      floor: of('floor'),
      ratios,
      ...judged(figure, millrace, ratios),
    };
  });
}

export function tableOf(lines: readonly Told[]): string {
  const header = ['row', 'figure', 'Millrace', 'Kafka', 'floor', 'ratio', 'aim', ''];
  const cells = lines.map((line, index) => [
    index > 0 && lines[index - 1].row === line.row ? '' : line.row,
    line.figure,
    ...[line.millrace, line.kafka, line.floor, line.ratios].map((values) =>
      values.length === 0 ? '' : spreadText(values),
    ),
    line.aim,
    line.verdict === 'missed' ? '**missed**' : line.verdict,
  ]);
  return table(header, cells);
}

/** Where the floor itself stands against Kafka: an aim beyond it cannot be reached by any broker on this machine. */
function floorShare({ floor, kafka }: Told): string {
  if (floor.length === 0 || kafka.length === 0) return '';
  return ` The floor itself: ${(spread(floor).median / spread(kafka).median).toFixed(2)} × Kafka.`;
}

export function missesOf(results: readonly RowResult[]): string {
  const lines = results.flatMap((result) =>
    told(result)
      .filter((line) => line.verdict === 'missed')
      .map((line) => {
        const by = Number.isFinite(line.missedBy) ? `${line.missedBy.toFixed(2)} × the aim` : 'not measured';
        const limit = result.row.limit === undefined ? '' : ` ${result.row.limit}`;
        return `* \`${line.row}\`, ${line.figure}: ${by}.${floorShare(line)}${limit}`;
      }),
  );
  const failures = results.flatMap(({ row, failures }) =>
    failures.map((text) => `* \`${row.name}\` failed: ${text}`),
  );
  const all = [...lines, ...failures];
  return all.length === 0 ? 'Every aim was reached.' : `Missed:\n\n${all.join('\n')}`;
}

export function machine(): string {
  const java = execFileSync('sh', ['-c', 'java -version 2>&1 | head -1'], { encoding: 'utf8' }).trim();
  const model = cpus()[0]?.model ?? 'unknown CPU';
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${model}, ${memory} GiB, Linux ${release()}, Node ${process.versions.node}, ${java}, Apache Kafka 4.3.1`;
}
