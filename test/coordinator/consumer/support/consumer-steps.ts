/** Members of the new protocol only. */
import { NEXT_ASSIGNMENT_MS, SESSION_TIMEOUT_MS, type Step, Steps } from './scenario.js';

const steps = new Steps();
const NEXT = { afterMs: NEXT_ASSIGNMENT_MS };

// Requests that are refused.
steps.beat('unknown group', 'g', 'm1', 3);
steps.beat('leave an unknown group', 'g', 'm1', -1);
steps.join('no group id', '', 'm1');
steps.join('no member id', 'g', '');
steps.join('blank instance id', 'g', 'm1', { instanceId: ' ' });
steps.join('blank rack id', 'g', 'm1', { rackId: '' });
steps.join('no rebalance timeout', 'g', 'm1', { rebalanceTimeoutMs: -1 });
steps.join('partitions owned', 'g', 'm1', { owned: [1] });
steps.join('partitions unknown', 'g', 'm1', { topicPartitions: null });
steps.join('no subscription', 'g', 'm1', { subscribedTopicNames: null });
steps.join('unknown assignor', 'g', 'm1', { serverAssignor: 'sticky' });
steps.join('no regular expression', 'g', 'm1', { subscribedTopicNames: null, subscribedTopicRegex: '(a' });
steps.beat('static leave without instance id', 'g', 'm1', -2);
steps.beat('epoch below −2', 'g', 'm1', -3);
steps.describe('no group came of it', 'g');

// One member, then two.
steps.join('first member', 'g', 'm1');
steps.beat('nothing new', 'g', 'm1', 2);
steps.beat('full request', 'g', 'm1', 2, {
  rebalanceTimeoutMs: 20_000,
  subscribedTopicNames: ['foo'],
  owned: [0, 1, 2, 3, 4, 5],
});
steps.join('second member, too soon for an assignment', 'g', 'm2');
steps.describe('assigning', 'g');
steps.beat('second member, with the new assignment', 'g', 'm2', 2, NEXT);
steps.beat('first member is to revoke', 'g', 'm1', 2);
steps.beat('first member says nothing', 'g', 'm1', 2);
steps.beat('first member still owns all', 'g', 'm1', 2, { owned: [0, 1, 2, 3, 4, 5] });
steps.describe('reconciling', 'g');
steps.beat('second member waits', 'g', 'm2', 3);
steps.beat('first member has revoked', 'g', 'm1', 2, { owned: [0, 1, 2] });
steps.beat('second member gets its part', 'g', 'm2', 3);
steps.describe('stable', 'g');
steps.beat('epoch of the future', 'g', 'm1', 9);
steps.beat('epoch of the past', 'g', 'm1', 1);
steps.beat('previous epoch, nothing that is not its own', 'g', 'm1', 2, { owned: [0] });
steps.beat('previous epoch, another partition', 'g', 'm1', 2, { owned: [5] });
steps.beat('unknown member', 'g', 'm7', 3);
steps.join('a member joins again', 'g', 'm1', NEXT);

// Offsets.
steps.commit('old version', 'g', 'm1', 3, 8);
steps.commit('present epoch', 'g', 'm1', 3, 9);
steps.commit('topic id', 'g', 'm1', 3, 10);
steps.commit('epoch of the future', 'g', 'm1', 4, 9);
steps.commit('before the partition was assigned', 'g', 'm2', 2, 9, 5);
steps.commit('not its partition', 'g', 'm1', 2, 9, 5);
steps.commit('owned since an older epoch', 'g', 'm1', 2, 9, 0);
steps.commit('unknown member', 'g', 'm7', 3, 9);
steps.commit('nobody', 'g', '', -1, 9);
steps.fetch('nobody', 'g', null, -1);
steps.fetch('present epoch', 'g', 'm1', 3);
steps.fetch('stale epoch', 'g', 'm1', 2);
steps.fetch('unknown member', 'g', 'm7', 3);
steps.add('delete', 'not empty', 2, { groupsNames: ['g'] });

// Static members and the size of the group.
steps.join('static member', 'g', 'm3', { instanceId: 'i', ...NEXT });
steps.join('full', 'g', 'm4');
steps.beat('member of two assignments', 'g', 'm1', 3, { owned: [0, 1] });
steps.beat('member of two assignments', 'g', 'm2', 3, { owned: [3, 4] });
steps.beat('static member gets its part', 'g', 'm3', 4, { instanceId: 'i' });
steps.beat('instance id of another', 'g', 'm1', 4, { instanceId: 'i' });
steps.beat('unknown instance id', 'g', 'm1', 4, { instanceId: 'j' });
steps.join('instance id that is taken', 'g', 'm3', { instanceId: 'i' });
steps.beat('static member leaves for a while', 'g', 'm3', -2, { instanceId: 'i' });
steps.describe('one member is away', 'g');
steps.beat('away, and yet a heartbeat', 'g', 'm3', 4, { instanceId: 'i' });
steps.beat('the others do not notice', 'g', 'm1', 4);
steps.join('static member comes back', 'g', 'm3', { instanceId: 'i' });
steps.describe('static member is back', 'g');
steps.beat('static member leaves', 'g', 'm3', -1, { instanceId: 'i' });
steps.beat('the first takes over', 'g', 'm1', 4, NEXT);
steps.beat('the second too', 'g', 'm2', 4);
steps.beat('leaves with another instance id', 'g', 'm2', -1, { instanceId: 'i' });

// Subscriptions and assignors.
steps.beat('another assignor', 'g', 'm1', 5, { serverAssignor: 'range' });
steps.describe('preferred assignor', 'g');
steps.beat('another topic too', 'g', 'm1', 5, { subscribedTopicNames: ['foo', 'bar', 'none'], ...NEXT });
steps.describe('different subscriptions', 'g');
steps.beat('another topic only', 'g', 'm1', 6, { subscribedTopicNames: ['bar'], owned: [0, 1, 2], ...NEXT });
steps.describe('is to revoke', 'g');
steps.beat('has revoked', 'g', 'm1', 6, { owned: [] });
steps.beat('the second takes over', 'g', 'm2', 5, { owned: [3, 4, 5] });
steps.describe('each its own topic', 'g');
steps.beat('leaves', 'g', 'm1', -1);
steps.beat('leaves', 'g', 'm2', -1);
steps.describe('empty', 'g');
steps.add('list', 'empty consumer groups', 5, { statesFilter: ['Empty'], typesFilter: ['consumer'] });
steps.join('a member joins the empty group', 'g', 'm1', NEXT);
steps.beat('leaves', 'g', 'm1', -1);
steps.add('delete', 'empty', 2, { groupsNames: ['g'] });
steps.describe('gone', 'g');

// Rebalance timeout.
steps.join('first member', 'h', 'm1', { rebalanceTimeoutMs: 1_000 });
steps.join('second member', 'h', 'm2', NEXT);
steps.beat('is to revoke', 'h', 'm1', 2);
steps.beat('did not revoke in time', 'h', 'm1', 2, { afterMs: 1_500 });
steps.describe('one member is left', 'h');
steps.beat('the second gets all', 'h', 'm2', 3, NEXT);

// Regular expressions.
const REGEX = { subscribedTopicNames: null, subscribedTopicRegex: 'ba.' };
const toBar = (partitions: number[]) => ({ topicPartitions: [{ topicId: '#bar', partitions }] });
steps.join('expression', 'r', 'm1', REGEX);
steps.beat('resolved', 'r', 'm1', 1, NEXT);
steps.describe('stable', 'r');
steps.join('same expression, known already', 'r', 'm2', REGEX);
steps.beat('an assignment for both', 'r', 'm2', 2, NEXT);
steps.beat('first is to revoke', 'r', 'm1', 2);
steps.beat('first has revoked', 'r', 'm1', 2, toBar([0]));
steps.beat('second gets its part', 'r', 'm2', 3);
steps.beat('names beside the expression', 'r', 'm2', 3, { subscribedTopicNames: ['foo'], ...NEXT });
steps.describe('different subscriptions', 'r');
steps.beat('first', 'r', 'm1', 3);
steps.beat('bad expression', 'r', 'm1', 4, { subscribedTopicRegex: 'a**' });
steps.beat('an expression nobody else has, too soon to be resolved', 'r', 'm1', 4, {
  subscribedTopicRegex: 'ba.|fo.',
  ...NEXT,
});
steps.beat('no expression any more', 'r', 'm2', 3, { subscribedTopicRegex: '', ...NEXT });
steps.describe('after that', 'r');
steps.beat('second has revoked', 'r', 'm2', 3, { owned: [0, 1, 2, 3, 4, 5] });
steps.beat('first waits for its expression', 'r', 'm1', 4, toBar([0]));
steps.beat('first keeps what it has', 'r', 'm1', 4, NEXT);
steps.describe('before the expression is resolved', 'r');

// Sessions.
steps.beat('sessions ended', 'r', 'm1', 4, { afterMs: SESSION_TIMEOUT_MS + 1_000 });
steps.describe('empty', 'r');
steps.add('list', 'all', 5, { statesFilter: [], typesFilter: [] });
steps.join('member id made by the coordinator', 'v', '', { version: 0 });

export const CONSUMER_STEPS: readonly Step[] = steps.all;
