/** What a broker serves: topics, and a checksum of every record of every partition. */
import { createHash } from 'node:crypto';
import { kcatConsume, mustRun } from './tools.js';

export interface Served {
  /** Topic to number of partitions; internal ones left out. */
  readonly topics: Record<string, number>;
  /** `topic` to count and digest of all records, with partition, offset, key, timestamp and value. */
  readonly records: Record<string, string>;
}

interface Listed {
  topics: { topic: string; partitions: object[] }[];
}

export async function served(bootstrap: string): Promise<Served> {
  const listed: Listed = JSON.parse(await mustRun('kcat', ['-b', bootstrap, '-L', '-J']));
  const topics: Record<string, number> = {};
  const records: Record<string, string> = {};
  for (const { topic, partitions } of listed.topics.toSorted((a, b) => (a.topic < b.topic ? -1 : 1))) {
    if (topic.startsWith('__')) continue;
    topics[topic] = partitions.length;
    const text = await kcatConsume(bootstrap, topic, '%p %o %T %k %s\n');
    const lines = text
      .split('\n')
      .filter((line) => line !== '')
      .sort();
    records[topic] = `${lines.length} ${createHash('sha256').update(lines.join('\n')).digest('hex')}`;
  }
  return { topics, records };
}
