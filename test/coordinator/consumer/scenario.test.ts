/** The same course of requests as Kafka 4.3.1 had: same answers, same records in the same order. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CoordinatorRecord, Outcome } from '../../../src/coordinator/framework/contract.js';
import type { GroupCall } from '../../../src/coordinator/group/group-call.js';
import type { GroupShard } from '../../../src/coordinator/group/group-shard.js';
import type { GroupRecord } from '../../../src/coordinator/group/records/group-record.js';
import { groupRecordSerde } from '../../../src/coordinator/group/records/group-record-serde.js';
import {
  consumerGroupDescribeRequest,
  consumerGroupHeartbeatRequest,
  deleteGroupsRequest,
  describeGroupsRequest,
  heartbeatRequest,
  joinGroupRequest,
  leaveGroupRequest,
  listGroupsRequest,
  offsetCommitRequest,
  offsetFetchRequest,
  syncGroupRequest,
} from '../../../src/protocol/index.js';
import { decode, encode, type Message, Reader, Writer } from '../../../src/wire/index.js';
import { readGroupLog } from '../support/kafka-log.js';
import { ShardRunner } from '../support/shard-runner.js';
import { CONSUMER_STEPS } from './support/consumer-steps.js';
import { MIGRATION_STEPS } from './support/migration-steps.js';
import {
  GROUP_SIZE_MAX,
  SCENARIO_TOPICS,
  SESSION_TIMEOUT_MS,
  STEP_MS,
  type Step,
} from './support/scenario.js';
import { apiFor, type TranscriptEntry, Translation } from './support/transcript.js';

const golden = join(import.meta.dirname, '../../golden/consumer-groups');

interface Recorded {
  topics: Record<string, string>;
  /** Names of member ids that Kafka made. */
  memberNames?: Record<string, string>;
  transcript: TranscriptEntry[];
}

/** What the step's request answers; handlers join what several shards say, and name topics by id where asked. */
function ask(runner: ShardRunner, step: Step, body: never, topicIds: ReadonlyMap<string, string>): unknown {
  const writer = new Writer();
  encode(apiFor(step.api).request, step.version, writer, body);
  const bytes = writer.written().slice();
  const read = <Request>(message: Message<Request>): Request =>
    decode(message, step.version, new Reader().reset(bytes, 0, bytes.length));
  const call = (decide: (shard: GroupShard, call: GroupCall, nowMs: number) => Outcome<GroupRecord>) => {
    const token = runner.send(step.version, decide);
    runner.advance(0);
    return runner.answer(token);
  };
  switch (step.api) {
    case 'heartbeat': {
      const request = read(consumerGroupHeartbeatRequest);
      return call((shard, of, nowMs) => shard.consumerGroupHeartbeat(of, request, nowMs));
    }
    case 'describe': {
      const { groupIds } = read(consumerGroupDescribeRequest);
      return { groups: call((shard, of, nowMs) => shard.consumerGroupDescribe(of, groupIds, nowMs)) };
    }
    case 'list': {
      const filters = read(listGroupsRequest);
      return { groups: call((shard, of, nowMs) => shard.listGroups(of, filters, nowMs)) };
    }
    case 'delete': {
      const { groupsNames } = read(deleteGroupsRequest);
      return { results: call((shard, of, nowMs) => shard.deleteGroups(of, groupsNames, nowMs)) };
    }
    case 'commit': {
      const request = read(offsetCommitRequest);
      for (const topic of request.topics) {
        if (step.version >= 10) topic.name = [...topicIds].find(([, id]) => id === topic.topicId)?.[0] ?? '';
        else topic.topicId = topicIds.get(topic.name) ?? '';
      }
      return call((shard, of, nowMs) => shard.commitOffsets(of, request, nowMs));
    }
    case 'fetch': {
      const { groups, requireStable } = read(offsetFetchRequest);
      const answers = groups.map((group) =>
        call((shard, of, nowMs) => shard.fetchOffsets(of, group, requireStable, nowMs)),
      );
      return { groups: answers };
    }
    case 'join': {
      const request = read(joinGroupRequest);
      return call((shard, of, nowMs) => shard.joinGroup(of, request, nowMs));
    }
    case 'sync': {
      const request = read(syncGroupRequest);
      return call((shard, of, nowMs) => shard.syncGroup(of, request, nowMs));
    }
    case 'classicHeartbeat': {
      const request = read(heartbeatRequest);
      return call((shard, of, nowMs) => shard.heartbeat(of, request, nowMs));
    }
    case 'leave': {
      const request = read(leaveGroupRequest);
      return call((shard, of, nowMs) => shard.leaveGroup(of, request, nowMs));
    }
    case 'describeClassic': {
      const { groups } = read(describeGroupsRequest);
      return { groups: call((shard, of, nowMs) => shard.describeGroups(of, groups, nowMs)) };
    }
  }
}

/** Through the bytes of the version: what it does not have is not compared. */
function asSent(step: Step, answer: unknown): unknown {
  const { response } = apiFor(step.api);
  const writer = new Writer();
  encode(response, step.version, writer, answer as never);
  const bytes = writer.written().slice();
  return decode(response, step.version, new Reader().reset(bytes, 0, bytes.length));
}

function run(steps: readonly Step[], recorded: Recorded, endMs: number) {
  const topicIds = new Map(Object.entries(recorded.topics));
  const topics = SCENARIO_TOPICS.map(({ name, partitions }) => ({
    id: topicIds.get(name) ?? '',
    name,
    partitions,
  }));
  const runner = ShardRunner.started({
    topics,
    settings: {
      groupInitialRebalanceDelayMs: 0,
      consumerGroupMaxSize: GROUP_SIZE_MAX,
      consumerGroupSessionTimeoutMs: () => SESSION_TIMEOUT_MS,
    },
  });
  const translation = new Translation(topicIds);
  const transcript = steps.map((step, index): TranscriptEntry => {
    runner.advance(step.afterMs);
    const answer = asSent(step, ask(runner, step, translation.resolve(step.request) as never, topicIds));
    translation.note(step.save, answer);
    const response = translation.normalize(answer);
    runner.advance(STEP_MS);
    return { step: `${index} ${step.api} v${step.version}: ${step.what}`, response };
  });
  runner.advance(endMs);
  return { runner, translation, transcript };
}

/** Records of one type in a row: the order of Java's hash maps says nothing. */
function inOrder<Typed extends { readonly type: string | undefined }>(records: readonly Typed[]): Typed[] {
  const runs: Typed[][] = [];
  for (const record of records) {
    const run = runs.at(-1);
    if (run === undefined || run[0].type !== record.type) runs.push([record]);
    else run.push(record);
  }
  // Those of classic groups are of one group each.
  const isOfMembers = ([first]: Typed[]) => first.type !== 'GroupMetadata';
  for (const run of runs.filter(isOfMembers))
    run.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  return runs.flat();
}

/** Kafka was stopped when the last session had ended, or before. */
describe.each([
  ['consumer', CONSUMER_STEPS, SESSION_TIMEOUT_MS],
  ['migration', MIGRATION_STEPS, 0],
] as const)('%s', (name, steps, endMs) => {
  const recorded: Recorded = JSON.parse(readFileSync(join(golden, `${name}.json`), 'utf8'));
  const { runner, translation, transcript } = run(steps, recorded, endMs);

  it('answers like Kafka', () => {
    for (const [index, entry] of transcript.entries()) {
      expect(JSON.parse(JSON.stringify(entry))).toEqual(recorded.transcript[index]);
    }
  });

  it('writes what Kafka writes', () => {
    const decoded = (records: readonly CoordinatorRecord[], names: Translation) =>
      records.map(({ key, value }) => {
        const record = groupRecordSerde.decode(key, value);
        return { type: record?.type, record: record === null ? null : names.record(record) };
      });
    const kafkasNames = new Translation(new Map(Object.entries(recorded.topics)), recorded.memberNames);
    const kafka = inOrder(decoded(readGroupLog(join(golden, `${name}.log`)), kafkasNames));
    const own = inOrder(decoded(runner.log, translation));
    for (const [index, record] of own.entries()) expect(record, `record ${index}`).toEqual(kafka[index]);
    expect(own.length).toBe(kafka.length);
  });
});
