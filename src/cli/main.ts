import { Command, CommanderError } from 'commander';
import { OperationError } from '../base/errors.js';
import { registerFormat } from './format.js';
import { registerStart } from './start.js';
import { packageVersion } from './version.js';

/** Runs the command line. Errors of operations print one clear sentence and end with their own exit code. */
export async function main(argv: string[]): Promise<void> {
  const program = new Command('millrace')
    .description('A Kafka-wire-compatible log broker for one Linux host')
    .version(packageVersion())
    .exitOverride();
  registerStart(program);
  registerFormat(program);
  // A broker's start does not wait for code that only reads files.
  if (argv[2] !== 'start') (await import('./dump-log/index.js')).registerDumpLog(program);
  try {
    await program.parseAsync(argv);
  } catch (error) {
    process.exitCode = exitCodeOf(error);
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode;
  if (error instanceof OperationError) {
    process.stderr.write(`millrace: ${error.message}\n`);
    return error.exitCode;
  }
  process.stderr.write(
    `millrace: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return 1;
}
