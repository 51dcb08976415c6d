/** The words for control records: transaction markers, and the Raft types as JSON. */
import {
  kRaftVersionRecord,
  leaderChangeMessage,
  snapshotFooterRecord,
  snapshotHeaderRecord,
  votersRecord,
} from '../../protocol/records/index.js';
import { ControlType, controlTypeOf, coordinatorEpochOf } from '../../record/control.js';
import { decode, type Message, Reader } from '../../wire/index.js';
import { messageJson } from './schema-json.js';

const RAFT_TYPES = new Map<number, { label: string; message: Message }>([
  [ControlType.leaderChange, { label: 'LeaderChange:', message: leaderChangeMessage }],
  [ControlType.snapshotHeader, { label: 'SnapshotHeader', message: snapshotHeaderRecord }],
  [ControlType.snapshotFooter, { label: 'SnapshotFooter', message: snapshotFooterRecord }],
  [ControlType.kraftVersion, { label: 'KRaftVersion', message: kRaftVersionRecord }],
  [ControlType.kraftVoters, { label: 'KRaftVoters', message: votersRecord }],
]);

/** Throws WireError for a Raft record that its schema cannot read. */
export function controlText(key: Uint8Array | null, value: Uint8Array | null): string {
  const type = controlTypeOf(key);
  if (type === ControlType.abort || type === ControlType.commit) {
    const outcome = type === ControlType.abort ? 'ABORT' : 'COMMIT';
    return `endTxnMarker: ${outcome} coordinatorEpoch: ${coordinatorEpochOf(value)}`;
  }
  const raft = RAFT_TYPES.get(type);
  if (raft === undefined) return `controlType: UNKNOWN(${type})`;
  const body = value ?? new Uint8Array(0);
  // The body begins with its own version; a newer one is read as the newest that is known.
  const version = Math.min(Reader.of(body).int16(), raft.message.versions[1]);
  return `${raft.label} ${messageJson(raft.message, version, decode<unknown>(raft.message, version, Reader.of(body)))}`;
}
