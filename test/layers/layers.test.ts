import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Bottom first. A folder imports itself and what stands before it, minus the exceptions. */
const LAYERS = [
  'base', 'io', 'ring', 'wire', 'protocol', 'record', 'storage', 'partition', 'metadata', 'coordinator', 'security',
  'network', 'broker', 'client', 'http', 'cli',
]; // biome-ignore format: one table

/** importer -> folders it must not import although they stand below it. */
const FORBIDDEN: Record<string, string[]> = {
  storage: ['wire', 'protocol'],
  network: ['storage', 'partition', 'metadata', 'protocol', 'record'],
  coordinator: ['io', 'network', 'partition'],
  metadata: ['ring', 'partition'],
  broker: [],
};

/** Calls with one door each: pattern -> where it is allowed, and what to use instead. */
const BANNED: { pattern: RegExp; allowed: RegExp; use: string }[] = [
  { pattern: /\bDate\.now\(|performance\.now\(/, allowed: /^src\/(io\/clock\.ts|cli\/)/, use: 'io/clock' },
  { pattern: /\bMath\.random\(/, allowed: /^src\/io\/random\.ts/, use: 'io/random' },
  { pattern: /\bprocess\.env\b/, allowed: /^src\/(io\/addon\.ts|cli\/)/, use: 'configuration' },
  { pattern: /\bas any\b|\bas unknown as\b|: any\b/, allowed: /^$/, use: 'a type guard' },
  { pattern: /\bBuffer\.concat\(/, allowed: /^src\/(cli|record\/codec)/, use: 'a cursor' },
  { pattern: /@ts-(ignore|nocheck|expect-error)/, allowed: /^$/, use: 'a type' },
];

const root = resolve(import.meta.dirname, '../..');

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
}

/** Imports of a file, type-only ones included. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  const found = [...text.matchAll(/(?:from\s+|import\(\s*|import\s+)'(\.[^']+)'/g)].map(
    (match) => match[1] ?? '',
  );
  return found.map((path) => relative(root, resolve(root, dirname(file), path)).replace(/\.js$/, '.ts'));
}

function layerOf(file: string): string {
  return file.split('/')[1] ?? '';
}

describe('layers', () => {
  const files = sources('src');
  const graph = new Map(files.map((file) => [file, importsOf(file)]));

  it('every folder under src has a place in the table', () => {
    const folders = new Set(files.filter((file) => file.split('/').length > 2).map(layerOf));
    expect([...folders].filter((folder) => !LAYERS.includes(folder))).toEqual([]);
  });

  it('imports only go down', () => {
    const wrong: string[] = [];
    for (const [file, targets] of graph) {
      const from = layerOf(file);
      if (!LAYERS.includes(from)) continue; // src/index.ts: the public door
      for (const target of targets) {
        const to = layerOf(target);
        if (from === to) continue;
        const downwards = LAYERS.indexOf(to) >= 0 && LAYERS.indexOf(to) < LAYERS.indexOf(from);
        if (!downwards || FORBIDDEN[from]?.includes(to)) wrong.push(`${file} -> ${target}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('has no import cycles, types included', () => {
    const state = new Map<string, 'open' | 'done'>();
    const cycles: string[] = [];
    const visit = (file: string, path: string[]): void => {
      if (state.get(file) === 'done') return;
      if (state.get(file) === 'open') {
        cycles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
        return;
      }
      state.set(file, 'open');
      for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
      state.set(file, 'done');
    };
    for (const file of files) visit(file, []);
    expect(cycles).toEqual([]);
  });

  it('banned calls stay behind their door', () => {
    const wrong: string[] = [];
    for (const file of files) {
      const lines = readFileSync(join(root, file), 'utf8').split('\n');
      lines.forEach((line, index) => {
        if (/^\s*(\*|\/\/|\/\*)/.test(line)) return;
        for (const { pattern, allowed, use } of BANNED) {
          if (pattern.test(line) && !allowed.test(file))
            wrong.push(`${file}:${index + 1} use ${use}: ${line.trim()}`);
        }
      });
    }
    expect(wrong).toEqual([]);
  });
});
