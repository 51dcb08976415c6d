/**
 * `millrace dump-log`: what is in the files of a partition, line for line as Kafka's kafka-dump-log prints it
 * (DumpLogSegments of 4.3.1), so that scripts written for one read the other. Reads files only; needs no broker.
 * Left out: decoders for __transaction_state, share groups and tiered storage; decoder classes other
 * than Kafka's String, Integer and Long ones.
 */
import { extname } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { OperationError, systemCode } from '../../base/errors.js';
import { RecordError } from '../../record/record-error.js';
import { WireError } from '../../wire/index.js';
import { clusterMetadataParser, type MessageParser, plainParser, STRING_DECODER } from './decoders.js';
import { type BatchDumpOptions, BYTES_MAX_DEFAULT, dumpBatches } from './dump-batches.js';
import { dumpOffsetIndex, dumpTimeIndex, type IndexDumpOptions } from './dump-indexes.js';
import { dumpSnapshot, dumpTransactionIndex } from './dump-producers.js';
import { Findings } from './findings.js';
import { jsonOf, type Line, type Sink, textOf } from './lines.js';
import { offsetsParser } from './offsets-decoder.js';

const MESSAGE_BYTES_MAX_DEFAULT = 5 * 1024 * 1024;
/** Written to stdout at once. */
const FLUSH_CHARACTERS = 64 * 1024;

interface CommandOptions {
  files: string;
  printDataLog?: true;
  deepIteration?: true;
  verifyIndexOnly?: true;
  indexSanityCheck?: true;
  skipRecordMetadata?: true;
  maxMessageSize: number;
  maxBytes: number;
  keyDecoderClass?: string | true;
  valueDecoderClass?: string | true;
  offsetsDecoder?: true;
  clusterMetadataDecoder?: true;
  output: string;
}

export function registerDumpLog(program: Command): void {
  program
    .command('dump-log')
    .description('print what is in log segments, indexes and snapshots, as kafka-dump-log does')
    .requiredOption(
      '--files <file1,file2,...>',
      '.log, .index, .timeindex, .snapshot, .txnindex or .checkpoint files',
    )
    .option('--print-data-log', 'print keys and values; implied by any decoder')
    .option('--deep-iteration', 'print records, not only batches; implied by --print-data-log')
    .option('--verify-index-only', 'check indexes against the log without printing their entries')
    .option('--index-sanity-check', 'check only what a start of the broker checks')
    .option('--skip-record-metadata', 'print contents only; leaves control records out')
    .option(
      '--max-message-size <bytes>',
      'largest batch at an indexed position',
      integer,
      MESSAGE_BYTES_MAX_DEFAULT,
    )
    .option('--max-bytes <bytes>', 'look at the first bytes of each log only', integer, BYTES_MAX_DEFAULT)
    .option('--key-decoder-class [name]', `decoder of keys (default: ${STRING_DECODER})`)
    .option('--value-decoder-class [name]', `decoder of values (default: ${STRING_DECODER})`)
    .option('--offsets-decoder', 'decode the records of __consumer_offsets')
    .option('--cluster-metadata-decoder', 'decode the records of __cluster_metadata')
    .option('-o, --output <form>', 'text or json (one object a line)', 'text')
    .action((options: CommandOptions) => {
      const output = new StreamSink(options.output);
      try {
        dumpFiles(options, output);
      } finally {
        output.flush();
      }
    });
}

function integer(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > BYTES_MAX_DEFAULT) {
    throw new InvalidArgumentError('expected an integer from 0 to 2147483647');
  }
  return value;
}

/** Lines to stdout in pieces, problems to stderr in order with them. */
class StreamSink implements Sink {
  private text = '';
  private readonly form: (line: Line) => string;

  constructor(output: string) {
    if (output !== 'text' && output !== 'json') {
      throw new OperationError('CONFIG_INVALID', `--output is text or json, not ${output}`);
    }
    this.form = output === 'json' ? jsonOf : textOf;
  }
  line(line: Line): void {
    this.text += `${this.form(line)}\n`;
    if (this.text.length >= FLUSH_CHARACTERS) this.flush();
  }
  problem(text: string): void {
    this.flush();
    process.stderr.write(`${text}\n`);
  }
  flush(): void {
    if (this.text.length > 0) process.stdout.write(this.text);
    this.text = '';
  }
}

function dumpFiles(options: CommandOptions, sink: Sink): void {
  const parser = parserOf(options);
  const batches: BatchDumpOptions = {
    deep: options.deepIteration === true || parser !== null,
    parser,
    skipRecordMetadata: options.skipRecordMetadata === true,
    bytesMax: options.maxBytes,
  };
  const indexes: IndexDumpOptions = {
    sanityOnly: options.indexSanityCheck === true,
    verifyOnly: options.verifyIndexOnly === true,
    messageBytesMax: options.maxMessageSize,
  };
  const findings = new Findings();
  for (const path of options.files.split(',')) {
    sink.line({ kind: 'file', file: path });
    try {
      dumpFile(path, batches, indexes, sink, findings);
    } catch (error) {
      throw asOperationError(error, path);
    }
  }
  findings.print(sink);
}

function dumpFile(
  path: string,
  batches: BatchDumpOptions,
  indexes: IndexDumpOptions,
  sink: Sink,
  findings: Findings,
): void {
  const suffix = extname(path);
  if (suffix === '.log' || suffix === '.checkpoint') dumpBatches(path, batches, sink, findings);
  else if (suffix === '.index') dumpOffsetIndex(path, indexes, sink, findings);
  else if (suffix === '.timeindex') dumpTimeIndex(path, indexes, sink, findings);
  else if (suffix === '.snapshot') dumpSnapshot(path, sink);
  else if (suffix === '.txnindex') dumpTransactionIndex(path, sink);
  else sink.problem(`Ignoring unknown file ${path}`);
}

/** null = contents are not asked for. */
function parserOf(options: CommandOptions): MessageParser | null {
  if (options.offsetsDecoder === true) return offsetsParser;
  if (options.clusterMetadataDecoder === true) return clusterMetadataParser;
  const { printDataLog, keyDecoderClass, valueDecoderClass } = options;
  if (printDataLog === undefined && keyDecoderClass === undefined && valueDecoderClass === undefined)
    return null;
  return plainParser(
    typeof keyDecoderClass === 'string' ? keyDecoderClass : STRING_DECODER,
    typeof valueDecoderClass === 'string' ? valueDecoderClass : STRING_DECODER,
  );
}

function asOperationError(error: unknown, path: string): unknown {
  if (error instanceof OperationError) return error;
  if (error instanceof RecordError || error instanceof WireError) {
    return new OperationError('LOG_CORRUPT', `${path}: ${error.message}`, { cause: error });
  }
  const code = systemCode(error);
  if (code === undefined) return error;
  return new OperationError('LOG_CORRUPT', `cannot read ${path} or a file beside it: ${code}`, {
    cause: error,
  });
}
