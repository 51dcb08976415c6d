/**
 * What a group remembers of its topics: one hash over ids, names and partition counts (KIP-1101). Another hash than the
 * stored one means that topics came, went or grew: a new group epoch. Kafka's bytes (Utils.computeTopicHash,
 * computeGroupHash): a data directory written by Kafka causes no rebalance. Racks of partitions would be part of it; a
 * broker of one host does not tell them apart, so they are left out.
 */
import { xxh3 } from './xxh3.js';

export interface HashedTopic {
  readonly id: string;
  readonly name: string;
  readonly partitions: number;
}

/** The first byte of what is hashed: Kafka's version of the format. */
const FORMAT = 0;

/** ASCII picture of the input, little-endian: format u8 | id as two i64 | name UTF-16 | its length i32 | count i32 | 0 i32 | 1 … */
export function topicHash(topic: HashedTopic): bigint {
  const nameBytes = 2 * topic.name.length;
  const bytes = Buffer.alloc(1 + 16 + nameBytes + 4 + 4 + 4 * topic.partitions);
  let at = bytes.writeUInt8(FORMAT, 0);
  const id = Buffer.from(topic.id, 'base64url');
  at = bytes.writeBigInt64LE(id.readBigInt64BE(0), at);
  at = bytes.writeBigInt64LE(id.readBigInt64BE(8), at);
  at += bytes.write(topic.name, at, 'utf16le');
  at = bytes.writeInt32LE(topic.name.length, at);
  at = bytes.writeInt32LE(topic.partitions, at);
  for (let partition = 0; partition < topic.partitions; partition++) at = bytes.writeInt32LE(partition, at);
  return xxh3(bytes);
}

/** 0 without topics. */
export function groupHash(hashes: ReadonlyMap<string, bigint>): bigint {
  if (hashes.size === 0) return 0n;
  const bytes = Buffer.alloc(8 * hashes.size);
  let at = 0;
  for (const name of [...hashes.keys()].sort()) at = bytes.writeBigInt64LE(hashes.get(name)!, at);
  return xxh3(bytes);
}

/** Hashes of topics as they were last seen; one for all groups of a shard. */
export class TopicHashes {
  readonly #known = new Map<string, { id: string; partitions: number; hash: bigint }>();

  of(topic: HashedTopic): bigint {
    const known = this.#known.get(topic.name);
    if (known !== undefined && known.id === topic.id && known.partitions === topic.partitions) {
      return known.hash;
    }
    const hash = topicHash(topic);
    this.#known.set(topic.name, { id: topic.id, partitions: topic.partitions, hash });
    return hash;
  }

  /** Forgets topics that do not exist any more. */
  retain(exists: (name: string) => boolean): void {
    for (const name of this.#known.keys()) if (!exists(name)) this.#known.delete(name);
  }
}
