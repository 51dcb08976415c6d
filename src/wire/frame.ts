/**
 * Frames and headers. A frame is an int32 length and that many bytes: header, then body.
 *
 *   request v1   apiKey i16 · apiVersion i16 · correlationId i32 · clientId nullable string (int16 length, always)
 *   request v2   the same, then tagged fields                     (v2 exactly when the body is flexible)
 *   response v0  correlationId i32
 *   response v1  correlationId i32, tagged fields                 (v1 when the body is flexible, but never ApiVersions)
 */
import { decode, defineMessage, encode, type Infer, type InferInput } from './message.js';
import type { Reader } from './reader.js';
import { t } from './schema.js';
import type { Writer } from './writer.js';

export const requestHeader = defineMessage({
  name: 'RequestHeader',
  kind: 'header',
  versions: [1, 2],
  flexible: 2,
  fields: {
    requestApiKey: t.int16(),
    requestApiVersion: t.int16(),
    correlationId: t.int32(),
    clientId: t.string({ nullable: 1, flexible: 'never' }),
  },
});
export type RequestHeader = Infer<typeof requestHeader>;

export const responseHeader = defineMessage({
  name: 'ResponseHeader',
  kind: 'header',
  versions: [0, 1],
  flexible: 1,
  fields: { correlationId: t.int32() },
});
export type ResponseHeader = Infer<typeof responseHeader>;

/** Bytes of a request before its clientId. */
export const REQUEST_PREFIX_BYTES = 8;

/** Key and version of the request at the reader's position, without moving it: `(key << 16) | version`. */
export function peekApi(reader: Reader): number {
  const from = reader.position;
  const api = reader.int32();
  reader.position = from;
  return api;
}
export function apiKeyOf(api: number): number {
  return api >> 16;
}
export function apiVersionOf(api: number): number {
  return (api << 16) >> 16;
}

/** Reads a request's header; the caller knows from `peekApi` whether the API's version is flexible. */
export function readRequestHeader(reader: Reader, flexible: boolean): RequestHeader {
  return decode(requestHeader, flexible ? 2 : 1, reader);
}

/** Opens a request frame; the body follows, then `writer.endFrame()`. */
export function beginRequest(
  writer: Writer,
  header: InferInput<typeof requestHeader>,
  headerVersion: 1 | 2,
): void {
  writer.beginFrame();
  encode(requestHeader, headerVersion, writer, header);
}

/** Opens a response frame; the body follows, then `writer.endFrame()`. */
export function beginResponse(writer: Writer, correlationId: number, headerVersion: 0 | 1): void {
  writer.beginFrame();
  writer.int32(correlationId);
  if (headerVersion === 1) writer.uvarint(0);
}

export function readResponseHeader(reader: Reader, headerVersion: 0 | 1): ResponseHeader {
  return decode(responseHeader, headerVersion, reader);
}
