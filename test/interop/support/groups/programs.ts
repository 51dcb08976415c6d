/** How each client's host program is made ready: compiled or installed once under test/.work, then started. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../support/millrace.js';
import { kafkaLibraries } from '../libraries.js';
import { mustRun } from '../tools.js';
import type { Program } from './host.js';

const WORK = join(ROOT, 'test', '.work');
const SOURCES = join(ROOT, 'test', 'interop', 'support');
const JVM = ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xshare:auto'];
const PYTHON_PACKAGES = ['confluent-kafka==2.16.1', 'aiokafka==0.14.0'];

export function kafkajsProgram(): Program {
  return { command: process.execPath, args: [join(SOURCES, 'groups', 'kafkajs_host.mjs')] };
}

/** Compiles GroupHost.java against Kafka's jars. */
export async function javaProgram(): Promise<Program> {
  const libraries = `${kafkaLibraries()}/*`;
  const classes = join(WORK, 'groups-java');
  mkdirSync(classes, { recursive: true });
  await mustRun('javac', ['-d', classes, '-cp', libraries, join(SOURCES, 'groups', 'GroupHost.java')]);
  return { command: 'java', args: [...JVM, '-cp', `${classes}:${libraries}`, 'GroupHost'] };
}

/** A virtual environment with both Python clients. */
export async function pythonProgram(script: string): Promise<Program> {
  const venv = join(WORK, 'python-groups');
  const python = join(venv, 'bin', 'python');
  if (!existsSync(join(venv, '.complete'))) {
    mkdirSync(WORK, { recursive: true });
    await mustRun('python3', ['-m', 'venv', venv]);
    await mustRun(python, ['-m', 'pip', 'install', '-q', ...PYTHON_PACKAGES]);
    writeFileSync(join(venv, '.complete'), '');
  }
  return { command: python, args: ['-u', join(SOURCES, 'groups', script)] };
}

/** Builds one of the programs of support/go. */
export async function goProgram(name: string): Promise<Program> {
  const binary = join(WORK, `groups-${name}`);
  await mustRun('go', ['build', '-o', binary, `./${name}`], { cwd: join(SOURCES, 'go') });
  return { command: binary, args: [] };
}
