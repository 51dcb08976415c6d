import { Command } from 'commander';
import { vi } from 'vitest';
import { registerDumpLog } from '../../src/cli/dump-log/index.js';

export interface DumpResult {
  stdout: string;
  stderr: string;
  error: unknown;
}

/** Runs `millrace dump-log` in this process and catches what it prints. */
export function runDumpLog(args: string[]): DumpResult {
  const result: DumpResult = { stdout: '', stderr: '', error: null };
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    result.stdout += String(text);
    return true;
  });
  const err = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    result.stderr += String(text);
    return true;
  });
  try {
    const program = new Command('millrace').exitOverride();
    registerDumpLog(program);
    for (const command of program.commands) command.exitOverride();
    program.parse(['dump-log', ...args], { from: 'user' });
  } catch (error) {
    result.error = error;
  } finally {
    out.mockRestore();
    err.mockRestore();
  }
  return result;
}
