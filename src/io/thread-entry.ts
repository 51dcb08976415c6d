import { basename } from 'node:path';

/**
 * Where the code of a thread lies: `path` beside the module with the URL `importer`, or, where that module is part of a
 * bundle (dist/bundle, CommonJS), the bundle of the same name beside it.
 */
export function threadEntry(importer: string, path: string): URL {
  const module = new URL(path, importer);
  return importer.endsWith('.cjs') ? new URL(`./${basename(module.pathname, '.js')}.cjs`, importer) : module;
}
