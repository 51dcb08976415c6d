/** The wire layer's public names. */
export {
  apiKeyOf,
  apiVersionOf,
  beginRequest,
  beginResponse,
  peekApi,
  REQUEST_PREFIX_BYTES,
  type RequestHeader,
  type ResponseHeader,
  readRequestHeader,
  readResponseHeader,
  requestHeader,
  responseHeader,
} from './frame.js';
export * from './limits.js';
export {
  decode,
  defineMessage,
  encode,
  hasVersion,
  type Infer,
  type InferInput,
  isFlexible,
  type Message,
  type MessageKind,
} from './message.js';
export { Reader, type UnknownTag } from './reader.js';
export { type Hole, type RecordsHole, type RecordsInput, type RecordsView, recordsBytes } from './records.js';
export { type Field, type FieldOptions, type Fields, type FieldType, t, ZERO_UUID } from './schema.js';
export { UnsupportedVersionError, WireError } from './wire-error.js';
export { Writer } from './writer.js';
