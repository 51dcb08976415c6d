/** Checkpoints, markers, names and the lock of a log directory; every replaced file survives a power cut at any call. */

import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OperationError } from '../../src/base/errors.js';
import { writeAtomically } from '../../src/storage/files/atomic-file.js';
import { BOOT_FILE, currentBootId, isSameBoot, storeBootId } from '../../src/storage/files/boot-id.js';
import { readCheckpoint, writeCheckpoint } from '../../src/storage/files/checkpoint-file.js';
import { takeCleanShutdown, writeCleanShutdown } from '../../src/storage/files/clean-shutdown-file.js';
import {
  cutFileName,
  movedDirectoryName,
  parseDirectoryName,
  parseSegmentFileName,
  segmentFileName,
} from '../../src/storage/files/file-names.js';
import { type FileOps, systemFiles } from '../../src/storage/files/file-ops.js';
import { readLeaderEpochs, writeLeaderEpochs } from '../../src/storage/files/leader-epoch-file.js';
import { lockDirectory } from '../../src/storage/files/log-dir-lock.js';
import { readMetaProperties, writeMetaProperties } from '../../src/storage/files/meta-properties.js';
import {
  OffsetCheckpointName,
  readOffsetCheckpoint,
  writeOffsetCheckpoint,
} from '../../src/storage/files/offset-checkpoint.js';
import { readPartitionMetadata, writePartitionMetadata } from '../../src/storage/files/partition-metadata.js';
import { GOLDEN, temporaryDirectory } from './helpers.js';

const ROOT = join(GOLDEN, 'root');

/**
 * A disk that forgets what was not synced. Content counts after `sync`, names after `syncDirectory`; the power goes
 * after `callsLeft` calls. Only what atomic replacement uses.
 */
class PowerCutDisk {
  private readonly live = new Map<string, { bytes: Uint8Array; durable: Uint8Array | null }>();
  private names = new Map<string, { bytes: Uint8Array; durable: Uint8Array | null }>();
  callsLeft = Number.POSITIVE_INFINITY;
  readonly files: FileOps = {
    ...systemFiles,
    read: (path) => this.live.get(path)?.bytes ?? null,
    write: (path, bytes) => this.call(() => this.live.set(path, { bytes, durable: null })),
    sync: (path) =>
      this.call(() => {
        const file = this.live.get(path);
        if (file) file.durable = file.bytes;
      }),
    rename: (from, to) =>
      this.call(() => {
        const file = this.live.get(from);
        if (!file) throw new Error(`no ${from}`);
        this.live.delete(from);
        this.live.set(to, file);
      }),
    remove: (path) => this.call(() => this.live.delete(path)),
    syncDirectory: (path) =>
      this.call(() => {
        this.names = new Map([...this.live].filter(([name]) => dirname(name) === path));
      }),
  };

  private call(work: () => void): void {
    if (this.callsLeft-- <= 0) throw new Error('power cut');
    work();
  }

  /** What is on the disk after the cut; null = no file, and a file that was never synced is garbage. */
  afterCut(path: string, renameWasWritten: boolean): Uint8Array | null {
    const file = (renameWasWritten ? this.live : this.names).get(path);
    return file === undefined ? null : (file.durable ?? new Uint8Array([0xff]));
  }
}

describe('atomic replacement', () => {
  it('leaves the old or the new content at a power cut after any call (KAFKA-15046)', () => {
    const writers: ((files: FileOps, round: number) => string)[] = [
      (files, round) => {
        writeOffsetCheckpoint(
          '/d',
          OffsetCheckpointName.recoveryPoint,
          [{ topic: 't', partition: 0, offset: round }],
          files,
        );
        return '/d/recovery-point-offset-checkpoint';
      },
      (files, round) => {
        writeLeaderEpochs('/d', [{ epoch: round, startOffset: 7 }], files);
        return '/d/leader-epoch-checkpoint';
      },
      (files, round) => {
        writePartitionMetadata('/d', `${'A'.repeat(21)}${round + 2}`, files);
        return '/d/partition.metadata';
      },
      (files, round) => {
        writeMetaProperties('/d', { clusterId: `c${round}`, nodeId: 1, directoryId: null }, 'now', files);
        return '/d/meta.properties';
      },
      (files, round) => {
        writeCleanShutdown('/d', round, files);
        return '/d/.kafka_cleanshutdown';
      },
    ];
    for (const write of writers) {
      for (let calls = 0; ; calls++) {
        const disk = new PowerCutDisk();
        const path = write(disk.files, 1);
        const before = disk.files.read(path);
        disk.callsLeft = calls;
        let finished = true;
        try {
          write(disk.files, 2);
        } catch {
          finished = false;
        }
        const after = disk.files.read(path);
        for (const renamed of [true, false]) {
          const found = disk.afterCut(path, renamed);
          expect(
            found !== null && [before, after].some((one) => one !== null && Buffer.compare(one, found) === 0),
          ).toBe(true);
          if (finished) expect(found).toEqual(after);
        }
        if (finished) break;
      }
    }
  });

  it('removes the clean-shutdown marker durably before anything else', () => {
    const disk = new PowerCutDisk();
    writeCleanShutdown('/d', 12, disk.files);
    expect(takeCleanShutdown('/d', disk.files)).toEqual({ brokerEpoch: 12 });
    expect(disk.afterCut('/d/.kafka_cleanshutdown', false)).toBe(null);
    expect(takeCleanShutdown('/d', disk.files)).toBe(null);
  });

  it('leaves the target alone when the disk fails', () => {
    const path = join(temporaryDirectory(), 'file');
    writeAtomically(path, new Uint8Array([1]));
    const failing: FileOps = {
      ...systemFiles,
      sync: () => {
        throw Object.assign(new Error('EIO'), { code: 'EIO' });
      },
    };
    expect(() => writeAtomically(path, new Uint8Array([2]), failing)).toThrow('EIO');
    expect([...readFileSync(path)]).toEqual([1]);
  });
});

describe('checkpoints', () => {
  it('of Kafka are read, and written again byte for byte', () => {
    const directory = temporaryDirectory();
    for (const name of [
      OffsetCheckpointName.recoveryPoint,
      OffsetCheckpointName.highWatermark,
      OffsetCheckpointName.logStart,
    ]) {
      const entries = readOffsetCheckpoint(ROOT, name);
      expect(entries.size).toBe(name === OffsetCheckpointName.logStart ? 0 : 4);
      writeOffsetCheckpoint(directory, name, entries.values());
      expect(readFileSync(join(directory, name))).toEqual(readFileSync(join(ROOT, name)));
    }
    expect(readOffsetCheckpoint(ROOT, OffsetCheckpointName.recoveryPoint).get('plain-0')?.offset).toBe(420);
    writeLeaderEpochs(directory, readLeaderEpochs(join(GOLDEN, 'clean/plain-0')));
    expect(readFileSync(join(directory, 'leader-epoch-checkpoint'))).toEqual(
      readFileSync(join(GOLDEN, 'clean/plain-0/leader-epoch-checkpoint')),
    );
    writePartitionMetadata(directory, readPartitionMetadata(join(GOLDEN, 'clean/plain-0')) ?? '');
    expect(readFileSync(join(directory, 'partition.metadata'))).toEqual(
      readFileSync(join(GOLDEN, 'clean/plain-0/partition.metadata')),
    );
    writeCleanShutdown(directory, 95);
    expect(readFileSync(join(directory, '.kafka_cleanshutdown'))).toEqual(
      readFileSync(join(ROOT, '.kafka_cleanshutdown')),
    );
  });

  it('missing or empty: no entries', () => {
    const path = join(temporaryDirectory(), 'x');
    expect(readCheckpoint(path, 3)).toEqual([]);
    writeFileSync(path, '');
    expect(readCheckpoint(path, 3)).toEqual([]);
  });

  it.each([
    '1\n0\n',
    '0\n',
    '0\n1\n',
    '0\n2\nt 0 1\n',
    '0\n1\nt 0\n',
    '0\n1\nt 0 1 2\n',
    '0\n1\nt 0 x\n',
    '0\n1\nt 0 99999999999999999\n',
    '0\n1\nt 0 -1\n',
    'x',
    '\0\0\0\0',
  ])('malformed %j is an error', (text) => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, OffsetCheckpointName.recoveryPoint), text);
    expect(() => readOffsetCheckpoint(directory, OffsetCheckpointName.recoveryPoint)).toThrow(OperationError);
  });

  it('round trip', () => {
    const directory = temporaryDirectory();
    const entry = fc.record({
      topic: fc.stringMatching(/^[a-zA-Z0-9._-]{1,30}$/),
      partition: fc.nat(),
      offset: fc.nat(Number.MAX_SAFE_INTEGER),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(entry, { selector: ({ topic, partition }) => `${topic}-${partition}` }),
        (entries) => {
          writeOffsetCheckpoint(directory, OffsetCheckpointName.cleaner, entries);
          expect([...readOffsetCheckpoint(directory, OffsetCheckpointName.cleaner).values()]).toEqual(
            entries,
          );
        },
      ),
      { numRuns: 30 },
    );
    writeCheckpoint(join(directory, 'y'), ['a b']);
    expect(readFileSync(join(directory, 'y'), 'utf8')).toBe('0\n1\na b\n');
  });

  it('epochs that do not rise are an error', () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'leader-epoch-checkpoint'), '0\n2\n3 10\n3 20\n');
    expect(() => readLeaderEpochs(directory)).toThrow('do not rise');
  });
});

describe('meta.properties and partition.metadata', () => {
  it("reads Kafka's and its own", () => {
    const kafka = readMetaProperties(ROOT);
    expect(kafka).toEqual({
      clusterId: 'oKJcBLxtTo2KSZjZ80Zmtw',
      nodeId: 1,
      directoryId: 'DnClsjR7lqH4EwLXbtLTGQ',
    });
    const directory = temporaryDirectory();
    expect(readMetaProperties(directory)).toBe(null);
    if (kafka) writeMetaProperties(directory, kafka, 'Sat Nov 21 12:01:40 UTC 2026');
    expect(readMetaProperties(directory)).toEqual(kafka);
    const lines = (path: string) => readFileSync(join(path, 'meta.properties'), 'latin1').split('\n').sort();
    expect(lines(directory)).toEqual(lines(ROOT));
  });

  it.each([
    ['version=0\nbroker.id=1\n', 'version 0'],
    ['version=1\nnode.id=1\n', 'cluster.id'],
    ['version=1\ncluster.id=x\n', 'node.id'],
    ['version=1\ncluster.id=x\nnode.id=-4\n', 'node.id'],
  ])('refuses %j', (text, why) => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'meta.properties'), text);
    expect(() => readMetaProperties(directory)).toThrow(why);
  });

  it.each([
    '',
    'version: 0\n',
    'version: x\ntopic_id: ZxW9AAAAQACAAAAAAAAAAA',
    'version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAA',
    'version: 0\ntopic_id: short',
  ])('refuses partition.metadata %j', (text) => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'partition.metadata'), text);
    expect(() => readPartitionMetadata(directory)).toThrow(OperationError);
  });
});

describe('names', () => {
  it('of segments', () => {
    expect(segmentFileName(9007199254740991, '.log')).toBe('00009007199254740991.log');
    expect(parseSegmentFileName('00000000000000000360.timeindex.deleted')).toEqual({
      offset: 360,
      kind: '.timeindex',
      state: '.deleted',
    });
    for (const bad of [
      '0.log',
      '00000000000000000360.txt',
      '99999999999999999999.log',
      'a00000000000000000360.log',
    ])
      expect(parseSegmentFileName(bad)).toBe(null);
  });

  it('of directories', () => {
    expect(parseDirectoryName('a-b.c-12')).toEqual({ kind: 'partition', topic: 'a-b.c', partition: 12 });
    expect(parseDirectoryName('a-1.0123456789abcdef0123456789abcdef-delete')).toEqual({
      kind: 'delete',
      topic: 'a',
      partition: 1,
    });
    expect(parseDirectoryName('a-1.ff-stray').kind).toBe('stray');
    for (const bad of ['lost+found', 'topic', '-3', 'a-', 'a-x', 'a b-1'])
      expect(parseDirectoryName(bad).kind).toBe('other');
    const long = movedDirectoryName('t'.repeat(249), 123456, 'f'.repeat(32), 'delete');
    expect(long.length).toBe(255);
    expect(parseDirectoryName(long)).toMatchObject({ kind: 'delete', partition: 123456 });
    expect(cutFileName('t'.repeat(249), 1, 5, 1_700_000_000_000).length).toBe(255);
  });
});

describe('boot id', () => {
  it('tells a restart from a reboot', () => {
    const directory = temporaryDirectory();
    expect(currentBootId()).toMatch(/^[0-9a-f-]{36}$/);
    expect(isSameBoot(directory)).toBe(false);
    storeBootId(directory);
    expect(isSameBoot(directory)).toBe(true);
    writeFileSync(join(directory, BOOT_FILE), '00000000-0000-0000-0000-000000000000\n');
    expect(isSameBoot(directory)).toBe(false);
  });
});

describe('lock', () => {
  it('one owner a directory, told who it is, free again after release', () => {
    const [one, two] = [temporaryDirectory(), temporaryDirectory()];
    const lock = lockDirectory(one);
    const other = lockDirectory(two);
    expect(() => lockDirectory(one)).toThrow(`in use by process ${process.pid}`);
    lock.release();
    lock.release();
    const again = lockDirectory(one);
    again.release();
    other.release();
    expect(readdirSync(one)).toEqual(['.lock']);
  });

  it('nothing is left by a process that was killed', () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, '.lock'), '999999999 123\n');
    lockDirectory(directory).release();
    writeFileSync(join(directory, '.lock'), 'garbage');
    lockDirectory(directory).release();
  });

  it('an fcntl lock, as Kafka holds it, counts', async (context) => {
    const directory = temporaryDirectory();
    const script =
      'import fcntl,sys; f=open(sys.argv[1],"w"); fcntl.lockf(f,fcntl.LOCK_EX); print("held",flush=True); sys.stdin.read()';
    const holder = spawn('python3', ['-c', script, join(directory, '.lock')], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const started = await new Promise<boolean>((resolve) => {
      holder.once('error', () => resolve(false));
      holder.stdout.once('data', () => resolve(true));
      holder.once('exit', () => resolve(false));
    });
    if (!started) {
      context.skip('python3 holds the lock in this test and is not here');
      return;
    }
    expect(() => lockDirectory(directory)).toThrow(`in use by process ${holder.pid}`);
    const ended = new Promise((resolve) => holder.once('exit', resolve));
    holder.stdin.end();
    await ended;
    lockDirectory(directory).release();
  });

  it('a socket of another kind does not matter', () => {
    const server = createServer();
    server.unref();
    server.listen({ path: '\0millrace-log-dir-x' });
    lockDirectory(temporaryDirectory()).release();
    server.close();
  });
});
