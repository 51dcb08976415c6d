/**
 * The wire layer alone: nanoseconds per message (layers.ts runs it).
 * Frames are the sizes of a small producer's and a consumer's; records are never touched, so their size does not matter.
 */
import { Bench, type BenchOptions } from 'tinybench';
import {
  fetchRequest,
  fetchResponse,
  type ProduceRequestInput,
  produceRequest,
  produceResponse,
  requestHeaderVersion,
} from '../src/protocol/index.js';
import {
  beginRequest,
  beginResponse,
  decode,
  encode,
  type Message,
  peekApi,
  Reader,
  readRequestHeader,
  Writer,
} from '../src/wire/index.js';

const CLIENT = 'rdkafka';
const TOPIC = 'logs-ingest';

/** A request frame without its length, in the middle of a shared slab. */
function requestFrame(message: Message, version: number, value: object): Reader {
  const writer = new Writer();
  const key = message.key ?? 0;
  const header = { requestApiKey: key, requestApiVersion: version, correlationId: 1, clientId: CLIENT };
  beginRequest(writer, header, requestHeaderVersion(key, version));
  encode(message as Message<unknown, object>, version, writer, value);
  writer.endFrame();
  const frame = writer.written(4);
  const slab = new Uint8Array(new SharedArrayBuffer(1 << 20));
  slab.set(frame, 4096);
  return new Reader().reset(slab, 4096, 4096 + frame.length);
}

function produce(partitions: number): ProduceRequestInput {
  const partitionData = Array.from({ length: partitions }, (_, index) => ({
    index,
    records: new Uint8Array(168),
  }));
  return { acks: -1, timeoutMs: 30_000, topicData: [{ name: TOPIC, partitionData }] };
}

function decodeTask(message: Message, version: number, value: object): () => void {
  const reader = requestFrame(message, version, value);
  const { bytes, position, end } = reader;
  return () => {
    reader.reset(bytes, position, end);
    peekApi(reader);
    readRequestHeader(reader, requestHeaderVersion(message.key ?? 0, version) === 2);
    decode(message, version, reader);
  };
}

function encodeTask<In>(message: Message<unknown, In>, version: number, value: In): () => void {
  const writer = new Writer(1 << 16);
  return () => {
    writer.reset();
    beginResponse(writer, 1, version >= 9 ? 1 : 0);
    encode(message, version, writer, value);
    writer.endFrame();
  };
}

const acks = (name: string) => ({
  responses: [
    { name, partitionResponses: [{ index: 0, errorCode: 0, baseOffset: 123_456, logStartOffset: 0 }] },
  ],
});
const fetched = {
  responses: [
    {
      topic: TOPIC,
      partitions: [
        {
          partitionIndex: 0,
          highWatermark: 5_000_000,
          lastStableOffset: 5_000_000,
          abortedTransactions: null,
          records: { hole: 1, length: 1_000_000 },
        },
      ],
    },
  ],
};
const fetchInput = {
  maxWaitMs: 500,
  minBytes: 1,
  topics: [
    { topic: TOPIC, partitions: [{ partition: 0, fetchOffset: 5_000_000, partitionMaxBytes: 1 << 20 }] },
  ],
};

/** Message codecs at the sizes of the hot path. */
export function wireBench(options: BenchOptions): Bench {
  const bench = new Bench(options);
  bench.add('decode header + ProduceRequest v7, 1 partition', decodeTask(produceRequest, 7, produce(1)));
  bench.add('decode header + ProduceRequest v7, 16 partitions', decodeTask(produceRequest, 7, produce(16)));
  bench.add('decode header + ProduceRequest v9, 1 partition', decodeTask(produceRequest, 9, produce(1)));
  bench.add('encode frame of ProduceResponse v7, 1 partition', encodeTask(produceResponse, 7, acks(TOPIC)));
  bench.add('encode frame of ProduceResponse v9, 1 partition', encodeTask(produceResponse, 9, acks(TOPIC)));
  bench.add('decode header + FetchRequest v12, 1 partition', decodeTask(fetchRequest, 12, fetchInput));
  bench.add('encode frame of FetchResponse v12, 1 hole', encodeTask(fetchResponse, 12, fetched));
  return bench;
}
