/** Command line of the two programs that renew expectations. */
import type { BrokerName } from './outcomes.js';

export interface Arguments {
  readonly broker: BrokerName;
  readonly write: boolean;
  /** Tests to run; all when empty. */
  readonly chosen: readonly string[];
}

export function parseArguments(args: readonly string[]): Arguments {
  return {
    broker: args.includes('--broker=kafka') ? 'kafka' : 'millrace',
    write: args.includes('--write'),
    chosen: args.filter((argument) => !argument.startsWith('--')),
  };
}
