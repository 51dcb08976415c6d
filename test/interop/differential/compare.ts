/** Finds where two values differ. Arrays of named things are matched by name, so that one missing entry is one difference. */

export interface Difference {
  /** `topics[3].errorCode`; `apiKeys[24]` for what has a name. */
  readonly path: string;
  readonly kafka: unknown;
  readonly millrace: unknown;
}

export const MISSING = '<missing>';

export function differences(kafka: unknown, millrace: unknown, path = ''): Difference[] {
  if (Object.is(kafka, millrace)) return [];
  if (Array.isArray(kafka) && Array.isArray(millrace)) return arrayDifferences(kafka, millrace, path);
  if (isObject(kafka) && isObject(millrace)) {
    const names = new Set([...Object.keys(kafka), ...Object.keys(millrace)]);
    return [...names].flatMap((name) =>
      differences(at(kafka, name), at(millrace, name), path === '' ? name : `${path}.${name}`),
    );
  }
  return [{ path, kafka, millrace }];
}

function arrayDifferences(
  kafka: readonly unknown[],
  millrace: readonly unknown[],
  path: string,
): Difference[] {
  const left = named(kafka);
  const right = named(millrace);
  if (left !== null && right !== null) {
    const names = new Set([...left.keys(), ...right.keys()]);
    const inside = [...names].flatMap((name) =>
      differences(
        left.has(name) ? left.get(name) : MISSING,
        right.has(name) ? right.get(name) : MISSING,
        `${path}[${name}]`,
      ),
    );
    if (inside.length > 0 || [...left.keys()].join() === [...right.keys()].join()) return inside;
    return [{ path: `${path}, order`, kafka: [...left.keys()].join(), millrace: [...right.keys()].join() }];
  }
  const length = Math.max(kafka.length, millrace.length);
  return Array.from({ length }, (_, i) =>
    differences(
      i < kafka.length ? kafka[i] : MISSING,
      i < millrace.length ? millrace[i] : MISSING,
      `${path}[${i}]`,
    ),
  ).flat();
}

/** Elements by name, when all have one and no two the same. */
function named(values: readonly unknown[]): Map<string, unknown> | null {
  const found = new Map<string, unknown>();
  for (const value of values) {
    if (!isObject(value)) return null;
    const name = at(value, 'name') === MISSING ? at(value, 'apiKey') : at(value, 'name');
    if (name === MISSING || found.has(String(name))) return null;
    found.set(String(name), value);
  }
  return found;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function at(value: object, name: string): unknown {
  return (
    new Map<string, unknown>(Object.entries(value)).get(name) ?? (Object.hasOwn(value, name) ? null : MISSING)
  );
}

export function describeDifference({ path, kafka, millrace }: Difference): string {
  return `  ${path}\n    Kafka    ${show(kafka)}\n    Millrace ${show(millrace)}`;
}

function show(value: unknown): string {
  const text =
    JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? `${inner}n` : inner)) ?? 'undefined';
  return text.length > 600 ? `${text.slice(0, 600)}…` : text;
}
