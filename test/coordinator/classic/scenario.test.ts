/**
 * The scenario that was sent to Apache Kafka 4.3.1, sent to a GroupShard: the same answers at the same steps, and the same
 * records in the log, but for ids and times.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../src/coordinator/framework/contract.js';
import type { GroupCall } from '../../../src/coordinator/group/group-call.js';
import type { GroupShard } from '../../../src/coordinator/group/group-shard.js';
import type { GroupRecord } from '../../../src/coordinator/group/records/group-record.js';
import { groupRecordSerde } from '../../../src/coordinator/group/records/group-record-serde.js';
import { decode, encode, Reader, Writer, ZERO_UUID } from '../../../src/wire/index.js';
import { readGroupLog } from '../support/kafka-log.js';
import { type ApiName, SCENARIO, type Step } from '../support/scenario.js';
import { ShardRunner } from '../support/shard-runner.js';
import { apiFor, Names, type TranscriptEntry } from '../support/transcript.js';

const golden = join(import.meta.dirname, '../../golden/group-records');

type Request = Record<string, unknown>;
type Decide = (shard: GroupShard, call: GroupCall, nowMs: number, request: never) => Outcome<GroupRecord>;
interface FetchBody {
  groups: Parameters<GroupShard['fetchOffsets']>[1][];
}

const DECIDE: Record<ApiName, Decide> = {
  join: (shard, call, nowMs, request) => shard.joinGroup(call, request, nowMs),
  sync: (shard, call, nowMs, request) => shard.syncGroup(call, request, nowMs),
  heartbeat: (shard, call, nowMs, request) => shard.heartbeat(call, request, nowMs),
  leave: (shard, call, nowMs, request) => shard.leaveGroup(call, request, nowMs),
  commit: (shard, call, nowMs, request) => shard.commitOffsets(call, request, nowMs),
  offsetDelete: (shard, call, nowMs, request) => shard.deleteOffsets(call, request, nowMs),
  list: (shard, call, nowMs, request) => shard.listGroups(call, request, nowMs),
  fetch: (shard, call, nowMs, request: FetchBody) => {
    const [group] = request.groups;
    if (group === undefined) throw new Error('no group in the request');
    return shard.fetchOffsets(call, group, true, nowMs);
  },
  describe: (shard, call, nowMs, request: { groups: string[] }) =>
    shard.describeGroups(call, request.groups, nowMs),
  delete: (shard, call, nowMs, request: { groupsNames: string[] }) =>
    shard.deleteGroups(call, request.groupsNames, nowMs),
};

/** What the handlers make of the shard's answers. */
const WRAP: Partial<Record<ApiName, (answer: unknown) => unknown>> = {
  fetch: (group) => ({ groups: [group] }),
  describe: (groups) => ({ groups }),
  list: (groups) => ({ groups }),
  delete: (results) => ({ results }),
};

/** Through the bytes and back: a value has every field, and only what its version can carry. */
function throughBytes(kind: 'request' | 'response', step: Step, value: unknown): unknown {
  const message = apiFor(step.api)[kind];
  const writer = new Writer();
  encode(message, step.version, writer, value as never);
  return decode(message, step.version, Reader.of(writer.written()));
}

function play(): { transcript: TranscriptEntry[]; records: GroupRecord[]; names: Names } {
  const runner = ShardRunner.started({ settings: { groupInitialRebalanceDelayMs: 0 } });
  const names = new Names();
  const tokens = new Map<number, number>();
  const transcript = SCENARIO.map((step, index): TranscriptEntry => {
    runner.advance(step.afterMs ?? 0);
    const request = throughBytes('request', step, names.resolve(step.request)) as Request;
    const token = runner.send(
      step.version,
      (shard, call, nowMs) => DECIDE[step.api](shard, call, nowMs, request as never),
      'robust',
    );
    tokens.set(index, token);
    runner.advance(1);
    const answers: { of: number; response: unknown }[] = [];
    for (const [of, waiting] of tokens) {
      if (!runner.isAnswered(waiting)) continue;
      tokens.delete(of);
      const asked = SCENARIO[of];
      if (asked === undefined) throw new Error(`no step ${of}`);
      const answer = runner.answer<unknown>(waiting);
      const response = throughBytes('response', asked, WRAP[asked.api]?.(answer) ?? answer);
      names.note(asked.save, response);
      answers.push({ of, response });
    }
    return { step: `${index} ${step.api} v${step.version}: ${step.what}`, answers };
  });
  const records = runner.log.map(({ key, value }) => {
    const record = groupRecordSerde.decode(key, value);
    if (record === null) throw new Error('unknown record');
    return record;
  });
  return { transcript: names.normalize(transcript) as TranscriptEntry[], records, names };
}

/** A record without what differs from run to run. */
function comparable(record: GroupRecord): unknown {
  const text = JSON.stringify(record, (key, value: unknown) => {
    if (key === 'commitTimestamp' || key === 'currentStateTimestamp' || key === 'expireTimestamp')
      return typeof value === 'number' && value > 0 ? 'time' : value;
    if (key === 'topicId') return value === ZERO_UUID ? 'none' : 'topic';
    if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
    // Kafka's order of members is that of their hashes.
    if (key === 'members' && Array.isArray(value))
      return value.sort((a, b) => (JSON.stringify(a.assignment) < JSON.stringify(b.assignment) ? -1 : 1));
    return value;
  });
  return JSON.parse(text.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|0{30}\d{6}/g, 'uuid'));
}

describe('the scenario', () => {
  const { transcript, records } = play();
  const expected: TranscriptEntry[] = JSON.parse(readFileSync(join(golden, 'scenario.json'), 'utf8'));

  it('has as many steps as were recorded', () => {
    expect(transcript.map(({ step }) => step)).toEqual(expected.map(({ step }) => step));
  });

  it.each(expected.map((entry, index) => ({ ...entry, index })))('$step', ({ answers, index }) => {
    expect(transcript[index]?.answers).toEqual(answers);
  });

  it('leaves the same records', () => {
    const kafka = readGroupLog(join(golden, 'scenario.log')).map(({ key, value }) =>
      groupRecordSerde.decode(key, value),
    );
    expect(kafka).not.toContain(null);
    // The topic's id is the handler's to fill in; here there is no handler.
    const withoutTopicIds = (list: unknown[]) =>
      list.map((each) => JSON.stringify(each).replaceAll('"topicId":"topic"', '"topicId":"none"'));
    expect(withoutTopicIds(records.map(comparable))).toEqual(
      withoutTopicIds(kafka.map((record) => record && comparable(record))),
    );
  });
});
