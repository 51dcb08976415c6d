// Runs a bundle of dist/bundle from V8's code cache: compiled code is taken from a file instead of being compiled again.
//
//   main.cjs          one line that calls this file (entry of a process or thread)
//   main.code.cjs     the bundle, ASCII only; main.code.cjs.map names the modules it was made from
//   main.cache        crc32(code), crc32(cached data), cached data; written by bin/bundle.js, may be absent
//
// V8 checks its own version, its flags and the length of the source, but no sums in release builds: a cache that does not
// belong to this very source, or is damaged, is found out here and ignored. Start-up is slower then, nothing else.
'use strict';
const { readFileSync, renameSync, writeFileSync } = require('node:fs');
const { dirname } = require('node:path');
const { Script } = require('node:vm');
const { crc32 } = require('node:zlib');

const HEAD_BYTES = 8;

/** The compiled code for `code`, or undefined. */
function readCache(path, code) {
  try {
    const file = readFileSync(path);
    const data = file.subarray(HEAD_BYTES);
    if (file.readUInt32LE(0) === crc32(code) && file.readUInt32LE(4) === crc32(data)) return data;
  } catch {
    // No cache, or one shorter than its head.
  }
  return undefined;
}

/** Under another name first: a process that starts meanwhile reads a whole file. */
function writeCache(path, code, data) {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32LE(crc32(code), 0);
  head.writeUInt32LE(crc32(data), 4);
  writeFileSync(`${path}.tmp`, Buffer.concat([head, data]));
  renameSync(`${path}.tmp`, path);
}

/** Stack traces name the module and line that a bundled line came from. Costs nothing until a stack is read. */
function nameModules(file) {
  let map;
  const original = (_match, line, column) => {
    const { SourceMap } = require('node:module');
    map ??= new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')));
    const found = map.findEntry(Number(line) - 1, Number(column) - 1);
    if (found.originalSource === undefined) return `${file}:${line}:${column}`;
    const path = require('node:path').resolve(dirname(file), found.originalSource);
    return `${path}:${found.originalLine + 1}:${found.originalColumn + 1}`;
  };
  const place = new RegExp(`${file.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}:(\\d+):(\\d+)`);
  Error.prepareStackTrace = (error, frames) => {
    const lines = frames.map((frame) => {
      try {
        return String(frame).replace(place, original);
      } catch {
        return String(frame); // no map: the bundle's own lines
      }
    });
    return [Error.prototype.toString.call(error), ...lines].join('\n    at ');
  };
}

/** Runs `<folder>/<name>.code.cjs`; returns what it exports. */
module.exports = function load(folder, name) {
  const file = `${folder}/${name}.code.cjs`;
  const cache = `${folder}/${name}.cache`;
  const code = readFileSync(file);
  const cachedData = readCache(cache, code);
  const script = new Script(code.latin1Slice(), { filename: file, cachedData });
  nameModules(file);
  // Set by bin/bundle.js for one run, whose functions are the ones worth keeping.
  if (process.env.MILLRACE_WRITE_CODE_CACHE === folder) {
    process.once('exit', () => writeCache(cache, code, script.createCachedData()));
  }
  const module = { exports: {} };
  script.runInThisContext()(module.exports, require, module, file, folder);
  return module.exports;
};
