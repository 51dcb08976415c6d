import { type Command, Option } from 'commander';
import type { Report } from '../base/report.js';
import { type RunningBroker, startBroker } from '../broker/broker.js';
import { BrokerConfig } from '../metadata/config/broker-config.js';
import { banner } from './banner.js';
import { createReport, type LogFormat } from './logger.js';
import { effectiveProperties } from './properties.js';
import { packageVersion } from './version.js';

interface StartOptions {
  override: string[];
  logFormat: LogFormat;
  logLevel: string;
}

function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}

export function registerStart(program: Command): void {
  program
    .command('start')
    .description('run a broker; formats its directories on first start')
    .argument(
      '[server.properties]',
      'a Kafka configuration file; without one: 127.0.0.1:9092, data in ./data',
    )
    .option('--override <key=value>', 'set one key (repeatable)', collect, [])
    .addOption(
      new Option('--log-format <format>', 'log lines on stderr').choices(['text', 'json']).default('text'),
    )
    .addOption(
      new Option('--log-level <level>', 'least severe lines to print')
        .choices(['debug', 'info', 'warn', 'error'])
        .default('info'),
    )
    .action(async (file: string | undefined, options: StartOptions) => {
      const report = createReport(options.logFormat, options.logLevel);
      const config = BrokerConfig.fromProperties(effectiveProperties(file, options.override));
      nameIgnoredKeys(config, report);
      const broker = await startBroker(config, report);
      // Signals are ours before anybody can know that the broker runs.
      const stopped = untilStopped(broker, report);
      process.stdout.write(banner(broker.info, packageVersion()));
      await stopped;
    });
}

function nameIgnoredKeys(config: BrokerConfig, report: Report): void {
  const { unknownKeys, noEffectKeys } = config;
  if (unknownKeys.length > 0)
    report('warn', `Unknown configuration keys, ignored: ${unknownKeys.join(', ')}`);
  if (noEffectKeys.length > 0) report('info', `Keys without effect in Millrace: ${noEffectKeys.join(', ')}`);
}

/** Runs until SIGTERM or SIGINT has stopped the broker cleanly; a second signal ends the process at once. */
async function untilStopped(broker: RunningBroker, report: Report): Promise<void> {
  let stopping = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping) {
      report('warn', `${signal} again: stopping without a clean shutdown`);
      process.exit(signal === 'SIGINT' ? 130 : 143);
    }
    stopping = true;
    report('info', `${signal}: stopping`);
    broker.stop().then(
      () => {
        report('info', 'Stopped cleanly');
        process.exit(0);
      },
      (error: unknown) => {
        report('error', `The clean stop failed: ${error instanceof Error ? error.message : String(error)}`);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  const reason = await broker.failed;
  report('error', reason.message);
  process.exit(reason.exitCode);
}
