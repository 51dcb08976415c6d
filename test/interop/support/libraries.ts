/** Kafka's jars, resolved by Maven from bench/pom.xml once and kept where the benchmarks keep them. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../support/millrace.js';

/** Folder of the jars. */
export function kafkaLibraries(): string {
  const folder = join(ROOT, 'bench', '.work', 'kafka-libs');
  if (existsSync(join(folder, '.complete'))) return folder;
  mkdirSync(folder, { recursive: true });
  const pom = join(ROOT, 'bench', 'pom.xml');
  execFileSync('mvn', ['-q', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${folder}`], {
    stdio: 'inherit',
  });
  writeFileSync(join(folder, '.complete'), '');
  return folder;
}
