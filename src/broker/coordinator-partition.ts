/** Which partition of a coordinators' topic looks after a key: String.hashCode and Utils.abs of Kafka. Any thread. */

function javaHash(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index++) hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
  return hash;
}

/** Of a group id (or transactional id) among `partitions` partitions. */
export function partitionOfKey(key: string, partitions: number): number {
  const hash = javaHash(key);
  return hash === -(2 ** 31) ? 0 : Math.abs(hash) % partitions;
}
