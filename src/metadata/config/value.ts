/** Text to value and back, by Java's rules (ConfigDef.parseType, convertToString): what Kafka accepts, prints and says. */
import type { ConfigRow, ConfigTypeName, ConfigValue } from './row.js';

/** A value that was refused: `message` is Kafka's text. */
export interface ConfigProblem {
  readonly name: string;
  readonly message: string;
}
export type ParsedConfig = { readonly value: ConfigValue } | { readonly problem: ConfigProblem };

const INTEGER_BOUNDS = {
  SHORT: [-32768n, 32767n],
  INT: [-2147483648n, 2147483647n],
  LONG: [-(2n ** 63n), 2n ** 63n - 1n],
} as const;

/** Double.toString of Java for the values that configurations hold. */
export function javaDouble(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e7)) {
    const [digits, exponent] = value.toExponential().split('e');
    return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`;
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

function parseInteger(text: string, type: 'SHORT' | 'INT' | 'LONG'): number | null {
  if (!/^[+-]?\d{1,20}$/.test(text)) return null;
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  const [min, max] = INTEGER_BOUNDS[type];
  if (value < min || value > max) return null;
  const number = Number(value);
  return Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, number));
}

/** Parses without validating; undefined = not of that type, with the reason Kafka gives. */
function parseTyped(type: ConfigTypeName, text: string): { value: ConfigValue } | { reason: string } {
  switch (type) {
    case 'BOOLEAN': {
      const lower = text.toLowerCase();
      if (lower === 'true' || lower === 'false') return { value: lower === 'true' };
      return { reason: 'Expected value to be either true or false' };
    }
    case 'SHORT':
    case 'INT':
    case 'LONG': {
      const value = parseInteger(text, type);
      return value === null ? { reason: `Not a number of type ${type}` } : { value };
    }
    case 'DOUBLE': {
      const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?[fd]?$/i.test(text)
        ? Number.parseFloat(text)
        : Number.NaN;
      return Number.isNaN(value) ? { reason: 'Not a number of type DOUBLE' } : { value };
    }
    case 'LIST':
      return { value: text === '' ? [] : text.split(/\s*,\s*/) };
    case 'STRING':
    case 'CLASS':
    case 'PASSWORD':
      return { value: text };
  }
}

/** Parses and validates one value of one key. */
export function parseConfig(row: ConfigRow, raw: string | null): ParsedConfig {
  const text = raw?.trim() ?? null;
  const parsed = text === null ? { value: null } : parseTyped(row.type, text);
  if ('reason' in parsed) return refuse(row, text ?? 'null', parsed.reason);
  const wrong = row.valid?.(parsed.value, row.name);
  if (wrong) return refuse(row, wrong.shown ?? showValue(row, parsed.value) ?? 'null', wrong.reason);
  return parsed;
}

function refuse(row: ConfigRow, shown: string, reason: string): { problem: ConfigProblem } {
  const value = row.sensitive ? '[hidden]' : shown;
  return {
    problem: { name: row.name, message: `Invalid value ${value} for configuration ${row.name}: ${reason}` },
  };
}

function showValue(row: ConfigRow, value: ConfigValue): string | null {
  if (value === null) return null;
  if (typeof value === 'number') return row.type === 'DOUBLE' ? javaDouble(value) : String(value);
  if (typeof value === 'object') return `[${value.join(', ')}]`;
  return String(value);
}

/** The text DescribeConfigs shows for a value that was given as `raw`: trimmed, numbers and lists in Java's form. */
export function canonicalText(row: ConfigRow, raw: string | null): string | null {
  if (raw === null) return null;
  const text = raw.trim();
  const parsed = parseTyped(row.type, text);
  if ('reason' in parsed || parsed.value === null) return text;
  if (row.type === 'LONG') return BigInt(text).toString(); // not through a number: 2^63 - 1 must survive
  if (row.type === 'DOUBLE' && typeof parsed.value === 'number') return javaDouble(parsed.value);
  if (typeof parsed.value === 'object') return parsed.value.join(',');
  return String(parsed.value);
}
