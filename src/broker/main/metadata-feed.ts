/**
 * Carries metadata to whoever follows it: batches to the network threads in order, changes to the hosted partitions.
 * A plan's answer waits until its partitions are open or gone, so that a client told of a topic can use it. Main thread.
 */
import type { Report } from '../../base/report.js';
import type { ControllerContext, Plan } from '../../metadata/controller/plan.js';
import { ConfigResource } from '../../metadata/image/model.js';
import type { MetadataChange, MetadataNode } from '../../metadata/metadata-node.js';
import type { ToNetwork } from '../channel.js';
import type { Partitions } from './partitions.js';

/** What a change touches. */
interface Touched {
  topics: Set<string>;
  configured: Set<string>;
  broker: boolean;
}

function touchedBy({ records }: MetadataChange): Touched {
  const touched: Touched = { topics: new Set(), configured: new Set(), broker: false };
  for (const record of records) {
    switch (record.type) {
      case 'TopicRecord':
      case 'PartitionRecord':
      case 'PartitionChangeRecord':
      case 'RemoveTopicRecord':
        touched.topics.add(record.value.topicId);
        break;
      case 'ConfigRecord':
        if (record.value.resourceType === ConfigResource.TOPIC)
          touched.configured.add(record.value.resourceName);
        if (record.value.resourceType === ConfigResource.BROKER) touched.broker = true;
        break;
      default:
        break;
    }
  }
  return touched;
}

export class MetadataFeed {
  /** Changes are applied one after the other; this is the end of the queue. */
  private applied: Promise<void> = Promise.resolve();
  private ready = false;
  private brokerConfigChanged: () => void = () => undefined;

  constructor(
    private readonly metadata: MetadataNode,
    private readonly partitions: Partitions,
    private readonly broadcast: (message: ToNetwork) => void,
    private readonly report: Report,
  ) {
    metadata.onRecords((change) => this.changed(change));
  }

  private changed(change: MetadataChange): void {
    this.broadcast({ type: 'records', batches: [change.bytes], lastOffset: change.lastOffset });
    // Until the start has opened everything, the image itself is what gets applied.
    if (this.ready) this.enqueue(touchedBy(change));
  }

  private enqueue({ topics, configured, broker }: Touched): void {
    if (topics.size === 0 && configured.size === 0 && !broker) return;
    const { image } = this.metadata;
    this.applied = this.applied
      .then(async () => {
        if (topics.size > 0) await this.partitions.apply(image, topics);
        if (broker) this.brokerConfigChanged();
        if (broker) await this.partitions.reconfigure(image, 'all');
        else if (configured.size > 0) await this.partitions.reconfigure(image, configured);
      })
      .catch((error: unknown) => {
        this.report(
          'error',
          `Applying metadata failed: ${error instanceof Error ? error.message : String(error)}`,
        );
      });
  }

  /** Calls back after each change of the broker's dynamic settings. */
  onBrokerConfig(callback: () => void): void {
    this.brokerConfigChanged = callback;
  }

  /** Sends everything known so far to threads that have just started. */
  sendImage(): void {
    const { metadata } = this;
    this.broadcast({ type: 'records', batches: metadata.imageBatches(), lastOffset: metadata.endOffset - 1 });
  }

  /** 'all': applies the whole image (start). Resolves when everything handed in so far is applied. */
  async settled(what: 'all' | 'none'): Promise<void> {
    if (what === 'all') {
      this.ready = true;
      this.applied = this.applied.then(() => this.partitions.apply(this.metadata.image, 'all'));
    }
    await this.applied;
  }

  /** Runs a plan; see MainContext.submit. */
  async submit<Response>(plan: (controller: ControllerContext) => Plan<Response>): Promise<Response> {
    const response = this.metadata.submit(plan(this.metadata.context));
    await this.applied;
    return response;
  }
}
