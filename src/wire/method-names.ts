/** Which cursor method reads or writes a scalar; Reader and Writer name them alike. */
import { unreachable } from '../base/assert.js';
import type { ScalarKind } from './schema.js';

/** e.g. ('string', nullable, compact) -> compactNullableString. */
export function methodName(kind: ScalarKind, nullable: boolean, compact: boolean): string {
  switch (kind) {
    case 'bool':
    case 'int8':
    case 'int16':
    case 'uint16':
    case 'int32':
    case 'uint32':
    case 'int64':
    case 'clampedInt64':
    case 'bigint64':
    case 'float64':
    case 'uuid':
      return kind;
    case 'string':
      return variant('string', 'String', nullable, compact);
    case 'bytes':
      return variant('bytesField', 'Bytes', nullable, compact);
    case 'records':
      return variant('records', 'Records', nullable, compact);
    default:
      return unreachable(kind);
  }
}

function variant(plain: string, suffix: string, nullable: boolean, compact: boolean): string {
  if (!nullable && !compact) return plain;
  const prefix = compact ? (nullable ? 'compactNullable' : 'compact') : 'nullable';
  return `${prefix}${suffix}`;
}
