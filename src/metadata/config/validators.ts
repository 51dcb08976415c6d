/** Validators of configuration rows; the texts are ConfigDef's, because clients and tools show them. */
import type { Validator } from './row.js';
import { javaDouble } from './value.js';

function shownNumber(value: number, like: number): string {
  return Number.isInteger(like) && Number.isInteger(value) ? String(value) : javaDouble(value);
}

export function atLeast(min: number): Validator {
  return (value) =>
    typeof value === 'number' && value < min ? { reason: `Value must be at least ${min}` } : null;
}

export function between(min: number, max: number): Validator {
  return (value) => {
    if (typeof value !== 'number') return null;
    if (value < min) return { reason: `Value must be at least ${shownNumber(min, min)}` };
    if (value > max) return { reason: `Value must be no more than ${shownNumber(max, max)}` };
    return null;
  };
}

export const gzipLevel: Validator = (value) =>
  typeof value !== 'number' || value === -1 || (value >= 1 && value <= 9)
    ? null
    : { reason: 'Value must be between 1 and 9 or equal to -1' };

/** For a STRING the value itself, for a LIST every element. */
export function oneOf(...allowed: string[]): Validator {
  const reason = `String must be one of: ${allowed.join(', ')}`;
  return (value) => {
    const elements = typeof value === 'string' ? [value] : Array.isArray(value) ? value : [];
    const wrong = elements.find((element: string) => !allowed.includes(element));
    return wrong === undefined ? null : { shown: wrong, reason };
  };
}

export function oneOfIgnoringCase(...allowed: string[]): Validator {
  const reason = `String must be one of (case insensitive): ${allowed.map((name) => name.toUpperCase()).join(', ')}`;
  return (value) =>
    typeof value === 'string' && !allowed.includes(value.toLowerCase()) ? { shown: value, reason } : null;
}

export const noDuplicates: Validator = (value, name) =>
  Array.isArray(value) && new Set(value).size !== value.length
    ? { reason: `Configuration '${name}' values must not be duplicated.` }
    : null;

const NON_EMPTY = 'any non-empty value';

export const noDuplicatesNotEmpty: Validator = (value, name) =>
  Array.isArray(value) && value.length === 0
    ? { reason: `Configuration '${name}' must not be empty. Valid values include: ${NON_EMPTY}` }
    : noDuplicates(value, name);

export const nonNull: Validator = (value) => (value === null ? { reason: 'entry must be non null' } : null);

export const nonEmptyString: Validator = (value) =>
  value === '' ? { reason: 'String must be non-empty' } : null;

export const throttledReplicas: Validator = (value, name) => {
  if (!Array.isArray(value) || (value.length === 1 && value[0] === '*')) return null;
  if (value.every((element: string) => /^\d+:\d+$/.test(element))) return null;
  const form =
    "the literal '*' or a list of replicas in the following format: [partitionId]:[brokerId],[partitionId]:[brokerId],...";
  return { shown: `[${value.join(', ')}]`, reason: `${name} must be ${form}` };
};

export const quorumVoters: Validator = (value) => {
  const bad = Array.isArray(value)
    ? value.find((voter: string) => !/^\d+@(\[[^\]]+\]|[^:@\s]+):\d{1,5}$/.test(voter))
    : undefined;
  return bad === undefined
    ? null
    : { reason: `Failed to parse voter ID from ${bad}; expected {id}@{host}:{port}` };
};

export const quorumServers: Validator = (value) => {
  const bad = Array.isArray(value)
    ? value.find((server: string) => !/^(\[[^\]]+\]|[^:@\s]+):\d{1,5}$/.test(server))
    : undefined;
  return bad === undefined ? null : { reason: `Invalid url in bootstrap.servers: ${bad}` };
};

export const shareOffsetReset: Validator = (value, name) =>
  typeof value !== 'string' || /^(earliest|latest|by_duration:P\S+)$/i.test(value)
    ? null
    : {
        reason: `Invalid value \`${value}\` for configuration ${name}. The value must be either 'earliest', 'latest' or of the format 'by_duration:<PnDTnHnMn.nS>'.`,
      };
