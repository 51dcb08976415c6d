/** Kafka's jars, resolved by Maven once and kept where the benchmarks keep them. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../support/millrace.js';

/** Folder of the jars of the broker and its tools. */
export function kafkaLibraries(): string {
  return resolved('kafka-libs', join(ROOT, 'bench', 'pom.xml'));
}

/** Folder of the jars of Kafka Connect and Kafka Streams. */
export function applicationLibraries(): string {
  return resolved('kafka-application-libs', join(import.meta.dirname, 'pom.xml'));
}

function resolved(name: string, pom: string): string {
  const folder = join(ROOT, 'bench', '.work', name);
  if (existsSync(join(folder, '.complete'))) return folder;
  mkdirSync(folder, { recursive: true });
  execFileSync('mvn', ['-q', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${folder}`], {
    stdio: 'inherit',
  });
  writeFileSync(join(folder, '.complete'), '');
  return folder;
}
