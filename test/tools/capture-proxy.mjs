/**
 * A TCP proxy that keeps the Kafka frames passing through it. It rewrites nothing, so the broker behind it must advertise
 * the proxy's own port (advertised.listeners).
 *
 *   node test/tools/capture-proxy.mjs --listen 29092 --target 29192 --client "kcat 1.7.1" --out test/golden/kcat.json
 *        [--broker "Apache Kafka 4.3.1"] [--per-version 2] [--frame-bytes 4096]
 *
 * On SIGTERM or SIGINT it writes the exchanges: for each API key and version the first ones whose (request, response)
 * lengths differ, up to --per-version, none with a frame over --frame-bytes. Frames are hex without the length prefix.
 */
import { writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    listen: { type: 'string' },
    target: { type: 'string' },
    client: { type: 'string' },
    out: { type: 'string' },
    broker: { type: 'string', default: 'Apache Kafka 4.3.1' },
    'per-version': { type: 'string', default: '2' },
    'frame-bytes': { type: 'string', default: '4096' },
  },
});
const perVersion = Number(values['per-version']);
const frameBytesMax = Number(values['frame-bytes']);

/** key.version -> exchanges kept */
const kept = new Map();

/** Calls `onFrame` with each whole frame body. */
function frameCutter(onFrame) {
  let pending = Buffer.alloc(0);
  return (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 4) {
      const length = pending.readInt32BE(0);
      if (pending.length < 4 + length) return;
      onFrame(Buffer.from(pending.subarray(4, 4 + length)));
      pending = pending.subarray(4 + length);
    }
  };
}

function keep(request, response) {
  if (request.length > frameBytesMax || (response?.length ?? 0) > frameBytesMax) return;
  const key = request.readInt16BE(0);
  const version = request.readInt16BE(2);
  const list = kept.get(`${key}.${version}`) ?? [];
  kept.set(`${key}.${version}`, list);
  const shape = `${request.length}/${response?.length ?? -1}`;
  if (list.length >= perVersion || list.some((exchange) => exchange.shape === shape)) return;
  const hex = (bytes) => bytes.toString('hex');
  list.push({
    shape,
    key,
    version,
    request: hex(request),
    response: response === null ? null : hex(response),
  });
}

const server = createServer((client) => {
  const broker = connect(Number(values.target), '127.0.0.1');
  const waiting = [];
  const onRequest = frameCutter((frame) => waiting.push(frame));
  const onResponse = frameCutter((frame) => {
    const correlation = frame.readInt32BE(0);
    // A request without a response (acks = 0) is overtaken by the next answered one.
    while (waiting.length > 0) {
      const request = waiting.shift();
      const matches = request.readInt32BE(4) === correlation;
      keep(request, matches ? frame : null);
      if (matches) return;
    }
  });
  client.on('data', (chunk) => {
    onRequest(chunk);
    broker.write(chunk);
  });
  broker.on('data', (chunk) => {
    onResponse(chunk);
    client.write(chunk);
  });
  const close = () => {
    client.destroy();
    broker.destroy();
  };
  for (const socket of [client, broker]) {
    socket.on('close', close);
    socket.on('error', close);
  }
});

function finish() {
  const exchanges = [...kept.values()].flat().sort((a, b) => a.key - b.key || a.version - b.version);
  const lines = exchanges.map(({ shape: _, ...exchange }) => `    ${JSON.stringify(exchange)}`);
  const head = `  "client": ${JSON.stringify(values.client)},\n  "broker": ${JSON.stringify(values.broker)},\n`;
  writeFileSync(values.out, `{\n${head}  "exchanges": [\n${lines.join(',\n')}\n  ]\n}\n`);
  process.exit(0);
}
process.on('SIGTERM', finish);
process.on('SIGINT', finish);
server.listen(Number(values.listen), '127.0.0.1', () => console.log('ready'));
