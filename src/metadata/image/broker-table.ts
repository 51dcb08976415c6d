/** Brokers in a metadata image (ClusterImage.java, BrokerRegistration.java). */
import { unreachable } from '../../base/assert.js';
import { OperationError } from '../../base/errors.js';
import type { MetadataRecord } from '../../protocol/records/metadata-record.js';
import type { BrokerImage } from './model.js';

type BrokerTableRecord = Extract<
  MetadataRecord,
  {
    type:
      | 'RegisterBrokerRecord'
      | 'UnregisterBrokerRecord'
      | 'FenceBrokerRecord'
      | 'UnfenceBrokerRecord'
      | 'BrokerRegistrationChangeRecord';
  }
>;
type Change = Extract<BrokerTableRecord, { type: 'BrokerRegistrationChangeRecord' }>['value'];

export class BrokerTable {
  readonly #brokers = new Map<number, BrokerImage>();

  get(id: number): BrokerImage | undefined {
    return this.#brokers.get(id);
  }
  all(): IterableIterator<BrokerImage> {
    return this.#brokers.values();
  }
  /** Brokers that clients may be sent to. */
  alive(): BrokerImage[] {
    return [...this.#brokers.values()].filter((broker) => !broker.fenced);
  }

  replay(record: BrokerTableRecord): void {
    switch (record.type) {
      case 'RegisterBrokerRecord': {
        const { value } = record;
        this.#brokers.set(value.brokerId, {
          id: value.brokerId,
          epoch: value.brokerEpoch,
          incarnationId: value.incarnationId,
          endpoints: value.endPoints,
          features: value.features,
          rack: value.rack,
          fenced: value.fenced,
          inControlledShutdown: value.inControlledShutdown,
          directories: value.logDirs,
          cordonedDirectories: value.cordonedLogDirs,
        });
        return;
      }
      case 'UnregisterBrokerRecord':
        this.#known(record.value.brokerId, record.value.brokerEpoch);
        this.#brokers.delete(record.value.brokerId);
        return;
      case 'FenceBrokerRecord':
      case 'UnfenceBrokerRecord': {
        const before = this.#known(record.value.id, record.value.epoch);
        this.#brokers.set(before.id, { ...before, fenced: record.type === 'FenceBrokerRecord' });
        return;
      }
      case 'BrokerRegistrationChangeRecord':
        this.#change(record.value);
        return;
      default:
        unreachable(record);
    }
  }

  #known(id: number, epoch: number): BrokerImage {
    const broker = this.#brokers.get(id);
    if (broker?.epoch !== epoch) {
      const what = broker ? `epoch ${broker.epoch}, not ${epoch}` : 'no registration';
      throw new OperationError('METADATA_CORRUPT', `Metadata log: broker ${id} has ${what}`);
    }
    return broker;
  }

  #change(change: Change): void {
    const before = this.#known(change.brokerId, change.brokerEpoch);
    this.#brokers.set(before.id, {
      ...before,
      fenced: change.fenced === 0 ? before.fenced : change.fenced > 0,
      inControlledShutdown: before.inControlledShutdown || change.inControlledShutdown > 0,
      directories: change.logDirs.length === 0 ? before.directories : change.logDirs,
      cordonedDirectories: change.cordonedLogDirs ?? before.cordonedDirectories,
    });
  }
}
