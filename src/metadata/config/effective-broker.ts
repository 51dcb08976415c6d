/** The broker's configuration as the image has it: static keys with the dynamic settings over them. */
import { OperationError } from '../../base/errors.js';
import type { Report } from '../../base/report.js';
import type { BrokerConfig, ConfigTexts } from './broker-config.js';
import { brokerRow } from './catalog.js';
import { parseConfig } from './value.js';

/**
 * Stored settings that this version refuses are left out with a warning instead of stopping the start: they were valid
 * for whoever wrote them, as in Kafka (DynamicBrokerConfig.processReconfiguration).
 */
export function effectiveBrokerConfig(
  fixed: BrokerConfig,
  dynamicDefault: ConfigTexts,
  dynamicBroker: ConfigTexts,
  report: Report,
): BrokerConfig {
  const [forAll, forThis] = [readable(dynamicDefault, report), readable(dynamicBroker, report)];
  try {
    return fixed.withDynamic(forAll, forThis);
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    report('warn', `Dynamic broker settings are ignored: ${error.message}`);
    return fixed;
  }
}

function readable(texts: ConfigTexts, report: Report): ConfigTexts {
  return new Map(
    [...texts].filter(([name, text]) => {
      const row = brokerRow(name);
      const parsed = row === undefined ? null : parseConfig(row, text);
      if (parsed === null || !('problem' in parsed)) return true;
      report('warn', `Dynamic broker setting ignored: ${parsed.problem.message}`);
      return false;
    }),
  );
}
