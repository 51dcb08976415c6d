/** Blocks of producer ids (ProducerIdControlManager): the record is durable before the first id of a block is used. */
import type { MetadataImage } from '../image/metadata-image.js';
import type { Plan } from './plan.js';

export const PRODUCER_ID_BLOCK_SIZE = 1000;

export interface ProducerIdBlock {
  /** First id of the block. */
  readonly start: bigint;
  readonly length: number;
}

export function nextProducerIdBlock(
  image: MetadataImage,
  brokerId: number,
  brokerEpoch: number,
): Plan<ProducerIdBlock> {
  const start = image.nextProducerId;
  const nextProducerId = start + BigInt(PRODUCER_ID_BLOCK_SIZE);
  return {
    records: [{ type: 'ProducerIdsRecord', version: 0, value: { brokerId, brokerEpoch, nextProducerId } }],
    response: { start, length: PRODUCER_ID_BLOCK_SIZE },
  };
}
