import type { Command } from 'commander';
import { formatBroker } from '../broker/main/format.js';
import { randomUuid } from '../io/random.js';
import { BrokerConfig } from '../metadata/config/broker-config.js';
import { effectiveProperties } from './properties.js';

interface FormatOptions {
  config?: string;
  clusterId?: string;
  ignoreFormatted: boolean;
  override: string[];
}

export function registerFormat(program: Command): void {
  program
    .command('format')
    .description('format the log directories of a configuration, as kafka-storage format does')
    .option('-c, --config <server.properties>', 'the configuration whose directories are formatted')
    .option('-t, --cluster-id <id>', 'cluster id (22 characters of base64); without it a random one')
    .option('-g, --ignore-formatted', 'leave directories alone that are formatted already', false)
    .option(
      '--override <key=value>',
      'set one key (repeatable)',
      (value: string, previous: string[]) => [...previous, value],
      [],
    )
    .action((options: FormatOptions) => {
      const config = BrokerConfig.fromProperties(effectiveProperties(options.config, options.override));
      const clusterId = options.clusterId ?? randomUuid();
      for (const line of formatBroker(config, clusterId, options.ignoreFormatted))
        process.stdout.write(`${line}\n`);
    });
}
