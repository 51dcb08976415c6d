/** A metadata node in a temporary directory, with a clock that ticks and ids that count. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../../src/io/clock.js';
import { BrokerConfig } from '../../src/metadata/config/broker-config.js';
import { formatDirectories, identifyDirectories } from '../../src/metadata/format.js';
import { imageRecords } from '../../src/metadata/image/image-records.js';
import type { MetadataImage } from '../../src/metadata/image/metadata-image.js';
import { MetadataNode } from '../../src/metadata/metadata-node.js';
import { type FileOps, systemFiles } from '../../src/storage/files/file-ops.js';

export const GOLDEN = join(import.meta.dirname, '../golden/metadata');
export const CLUSTER_ID = '5L6g3nShT-eMCtK--X86sw';

export class Bench {
  /** What a run of the real Kafka calls its DIR; the log dir is `data` below it. */
  readonly root = mkdtempSync(join(tmpdir(), 'millrace-metadata-'));
  readonly directory = join(this.root, 'data');
  readonly clock = new ManualClock();
  readonly reports: string[] = [];
  /** Nothing is forced to disk unless `withSync` was called: histories of many writes stay fast. */
  files: FileOps = { ...systemFiles, sync: () => {}, syncDirectory: () => {} };
  #ids = 0;

  /** The controller listens one above the broker's port. */
  constructor(readonly port = 9092) {}

  withSync(): this {
    this.files = systemFiles;
    return this;
  }

  newUuid = (): string => {
    this.#ids++;
    return Buffer.from(`uuid${String(this.#ids).padStart(12, '0')}`).toString('base64url');
  };

  /** Starts from a directory that a real Kafka wrote. */
  take(golden: string): this {
    cpSync(join(GOLDEN, golden), this.directory, { recursive: true });
    return this;
  }

  config(extra: Record<string, string> = {}): BrokerConfig {
    return BrokerConfig.fromProperties(
      new Map(
        Object.entries({
          'process.roles': 'broker,controller',
          'node.id': '1',
          listeners: `PLAINTEXT://127.0.0.1:${this.port},CONTROLLER://127.0.0.1:${this.port + 1}`,
          'controller.listener.names': 'CONTROLLER',
          'log.dirs': this.directory,
          ...extra,
        }),
      ),
    );
  }

  format(): this {
    formatDirectories({
      directories: [this.directory],
      metadataDirectory: this.directory,
      clusterId: CLUSTER_ID,
      nodeId: 1,
      controllerEndpoint: { name: 'CONTROLLER', host: '127.0.0.1', port: this.port + 1 },
      ignoreFormatted: false,
      nowMs: this.clock.now(),
      newUuid: this.newUuid,
      files: this.files,
    });
    return this;
  }

  open(extra: Record<string, string> = {}): MetadataNode {
    this.clock.advance(1000);
    const config = this.config(extra);
    const world = { nowMs: this.clock.now(), newUuid: this.newUuid, files: this.files };
    const { directoryIds } = identifyDirectories(config.logDirs, config.metadataLogDir, 1, world);
    const report = (level: string, message: string): void => {
      this.reports.push(`${level} ${message}`);
    };
    return MetadataNode.open({
      config,
      directoryIds,
      clock: this.clock,
      report,
      newUuid: this.newUuid,
      files: this.files,
    });
  }

  start(cleanStop = true, extra: Record<string, string> = {}): MetadataNode {
    const node = this.open(extra);
    const endpoint = { host: '127.0.0.1', securityProtocol: 0 };
    node.start({
      endpoints: [{ ...endpoint, name: 'PLAINTEXT', port: this.port }],
      controllerEndpoints: [{ ...endpoint, name: 'CONTROLLER', port: this.port + 1 }],
      cleanStop,
    });
    return node;
  }

  dispose(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** An image as comparable data, whatever the order things were created in. */
export function contentOf(image: MetadataImage): string[] {
  const bigints = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);
  return [...imageRecords(image)].map((record) => JSON.stringify(record, bigints)).sort();
}
