/** The real Kafka's tools, when this machine has them: `java` and ../shared/apache-kafka beside the repository. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const LAUNCHER = resolve(import.meta.dirname, '../../../shared/apache-kafka/kafka');

function whyMissing(): string | null {
  if (!existsSync(LAUNCHER)) return 'no ../shared/apache-kafka beside the repository';
  if (spawnSync('java', ['-version']).status !== 0) return 'no java';
  return null;
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
  const command = ['tool', 'org.apache.kafka.tools.DumpLogSegments', ...args];
  const result = spawnSync(LAUNCHER, command, { cwd, env, encoding: 'utf8', maxBuffer: 64 << 20 });
  const stderr = result.stderr.replace(/^Picked up JAVA_TOOL_OPTIONS.*\n/m, '');
  return { status: result.status, stdout: result.stdout, stderr };
}
