/** Legal topic names and colliding ones (Topic.java). */
import { TOPIC_NAME_LENGTH_MAX } from '../../base/limits.js';

const LEGAL = /^[a-zA-Z0-9._-]+$/;

/** Why a topic name is illegal, in Kafka's words, or null. */
export function topicNameProblem(name: string): string | null {
  const why = reason(name);
  return why === null ? null : `Topic name is invalid: ${why}`;
}

function reason(name: string): string | null {
  if (name === '') return 'the empty string is not allowed';
  if (name === '.') return "'.' is not allowed";
  if (name === '..') return "'..' is not allowed";
  if (name.length > TOPIC_NAME_LENGTH_MAX) {
    return `the length of '${name}' is longer than the max allowed length ${TOPIC_NAME_LENGTH_MAX}`;
  }
  if (LEGAL.test(name)) return null;
  return `'${name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`;
}

/** Names that give the same metric name collide: '.' and '_' are one there. */
export function collisionKey(name: string): string {
  return name.replaceAll('.', '_');
}

export function hasCollisionCharacters(name: string): boolean {
  return name.includes('.') || name.includes('_');
}
