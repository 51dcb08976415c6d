/** The real Kafka's tools: `java`, and the jars that Maven brings (the long suites and the benchmarks share them). */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { kafkaLibraries } from '../interop/support/libraries.js';
import { ROOT } from '../support/millrace.js';
import { has } from '../support/needs.js';

function whyMissing(): string | null {
  if (!has('java')) return 'no java';
  if (existsSync(join(ROOT, 'bench', '.work', 'kafka-libs', '.complete'))) return null;
  // Fetching them takes a network: not something a plain `npm test` does.
  if (process.env.CI !== 'true')
    return "Kafka's jars are not fetched yet (npm run bench or npm run test:long does)";
  return has('mvn') ? null : 'no mvn';
}

/** null when the tools can run; else the reason to skip. In CI a missing tool is a failure, not a skip. */
export const KAFKA_MISSING = whyMissing();
if (KAFKA_MISSING !== null && process.env.CI === 'true')
  throw new Error(`CI must have Kafka: ${KAFKA_MISSING}`);

export interface ToolResult {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs DumpLogSegments with `cwd` as working directory. */
export function realDumpLog(args: string[], cwd: string): ToolResult {
  const env = { ...process.env, JAVA_TOOL_OPTIONS: '-Dstdout.encoding=UTF-8 -Dfile.encoding=UTF-8 -Xmx256m' };
  const command = ['-cp', `${kafkaLibraries()}/*`, 'org.apache.kafka.tools.DumpLogSegments', ...args];
  const result = spawnSync('java', command, { cwd, env, encoding: 'utf8', maxBuffer: 64 << 20 });
  const stderr = result.stderr.replace(/^Picked up JAVA_TOOL_OPTIONS.*\n/m, '');
  return { status: result.status, stdout: result.stdout, stderr };
}
