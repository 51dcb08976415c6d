/**
 * Tests that need a program say so: where it is missing they are skipped with the reason in their name, except under
 * CI=true, where everything must be there and run.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe } from 'vitest';

export function has(command: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0;
}

/** `describe` that is skipped when a command is missing (never under CI=true). */
export function describeWith(commands: readonly string[], name: string, body: () => void): void {
  const missing = commands.filter((command) => !has(command));
  if (missing.length === 0 || process.env.CI === 'true') describe(name, body);
  else describe.skip(`${name} [skipped: ${missing.join(', ')} not installed]`, body);
}

/** `describe` that is skipped when a file or folder is missing. */
export function describeWithPath(path: string, name: string, body: () => void): void {
  if (existsSync(path)) describe(name, body);
  else describe.skip(`${name} [skipped: ${path} is not there]`, body);
}
