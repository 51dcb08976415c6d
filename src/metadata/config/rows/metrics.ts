import { broker, type ConfigRow } from '../row.js';
import { atLeast, noDuplicates } from '../validators.js';

/** Metrics and telemetry (MetricConfigs.java). */
export const METRIC_ROWS: readonly ConfigRow[] = [
  broker('metrics.num.samples', 'INT', '2', 'Samples kept per metric.', { valid: atLeast(1), effect: false }),
  broker('metrics.sample.window.ms', 'LONG', '30000', 'Length of a metric sample.', {
    valid: atLeast(1),
    effect: false,
  }),
  broker(
    'metric.reporters',
    'LIST',
    'org.apache.kafka.common.metrics.JmxReporter',
    'Java metric reporters.',
    { valid: noDuplicates, dynamic: 'cluster-wide', effect: false },
  ),
  broker('metrics.recording.level', 'STRING', 'INFO', 'Detail of recorded metrics.', { effect: false }),
  broker('kafka.metrics.reporters', 'LIST', '', 'Java reporters of the older kind.', {
    valid: noDuplicates,
    effect: false,
  }),
  broker('kafka.metrics.polling.interval.secs', 'INT', '10', 'Polling interval of the older reporters.', {
    valid: atLeast(1),
    effect: false,
  }),
  broker('telemetry.max.bytes', 'INT', '1048576', 'Largest telemetry push of a client.', {
    valid: atLeast(1),
    effect: false,
  }),
];
