/**
 * Hands out producer ids from blocks of 1,000 (ProducerIdManager). A block is in the metadata log before its first id
 * leaves, so no id is ever given twice, whatever crashes (KAFKA-20031). Main thread.
 */
import type { ProducerIdBlock } from '../../metadata/controller/producer-ids.js';

export class ProducerIds {
  private block: ProducerIdBlock = { start: 0n, length: 0 };
  private used = 0;
  private fetching: Promise<void> | undefined;

  /** `allocate` resolves when a new block is durable. */
  constructor(private readonly allocate: () => Promise<ProducerIdBlock>) {}

  async next(): Promise<bigint> {
    while (this.used >= this.block.length) {
      this.fetching ??= this.fetch().finally(() => {
        this.fetching = undefined;
      });
      await this.fetching;
    }
    return this.block.start + BigInt(this.used++);
  }

  private async fetch(): Promise<void> {
    this.block = await this.allocate();
    this.used = 0;
  }
}
