/**
 * What is asked of both brokers by Kafka's tools of groups, in this order; nothing that a tool refuses by itself. Groups:
 * "set" and "two" (offsets set from outside by a member that left), "simple" (never a member), "left" (new protocol, Empty),
 * "live-classic" and "live-modern" (Stable).
 */
export const CONSUMER_GROUPS = 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand';
const GROUPS = 'org.apache.kafka.tools.GroupsCommand';

export interface GroupToolCase {
  readonly what: string;
  readonly tool: string;
  /** <file>: path of a file that holds `input`. */
  readonly args: readonly string[];
  readonly input?: string;
  /** What Kafka's answer holds, so that a case shows what it is meant to show. */
  readonly contains: readonly RegExp[];
  /** The order of lines is that of a hash map. */
  readonly unordered?: true;
}

type More = Partial<Pick<GroupToolCase, 'input' | 'unordered'>>;

const consumerGroups = (line: string, contains: RegExp, more: More = {}): GroupToolCase => ({
  what: `consumer-groups ${line}`,
  tool: CONSUMER_GROUPS,
  args: line.split(' '),
  contains: [contains],
  ...more,
});

const groups = (line: string, contains: RegExp): GroupToolCase => ({
  what: `groups ${line}`,
  tool: GROUPS,
  args: line.split(' '),
  contains: [contains],
  unordered: true,
});

const UNORDERED = { unordered: true } as const;

const LISTS: readonly GroupToolCase[] = [
  consumerGroups('--list', /^live-modern$/m, UNORDERED),
  consumerGroups('--list --state', /^live-classic\s+Stable/m, UNORDERED),
  consumerGroups('--list --state Empty', /^set\s+Empty/m, UNORDERED),
  consumerGroups('--list --state stable,empty', /^left\s+Empty/m, UNORDERED),
  consumerGroups('--list --type', /^left\s+Consumer/m, UNORDERED),
  consumerGroups('--list --type classic', /^simple\s+Classic/m, UNORDERED),
  consumerGroups('--list --type consumer,classic', /^set\s+Classic/m, UNORDERED),
  consumerGroups('--list --state --type', /^live-modern\s+Consumer\s+Stable/m, UNORDERED),
  groups('--list', /^live-modern\s+Consumer\s+consumer/m),
  groups('--list --group-type classic', /^live-classic\s+Classic\s+consumer/m),
  groups('--list --group-type consumer', /^left\s+Consumer\s+consumer/m),
  groups('--list --protocol consumer', /^set\s/m),
  groups('--list --protocol nonsense', /GROUP|^exit code 0/m),
  groups('--list --group-type classic --protocol consumer', /^live-classic\s/m),
  groups('--list --consumer', /^simple\s/m),
  groups('--list --share', /^exit code 0/m),
  groups('--list --streams', /^exit code 0/m),
];

const DESCRIBED = ['set', 'simple', 'left', 'live-classic', 'live-modern'] as const;
const FORMS = ['--offsets --verbose', '--members', '--members --verbose', '--state', '--state --verbose'];

const DESCRIBES: readonly GroupToolCase[] = [
  ...DESCRIBED.flatMap((group) => [
    consumerGroups(`--describe --group ${group}`, /CURRENT-OFFSET/),
    ...FORMS.map((form) => consumerGroups(`--describe --group ${group} ${form}`, new RegExp(group))),
  ]),
  consumerGroups('--describe --group nobody', /nobody/),
  consumerGroups('--describe --group nobody --members', /nobody/),
  consumerGroups('--describe --group nobody --state', /nobody/),
  consumerGroups('--describe --group set --group two', /two/, UNORDERED),
  consumerGroups('--describe --all-groups', /live-modern/, UNORDERED),
  consumerGroups('--describe --all-groups --state', /live-classic/, UNORDERED),
  consumerGroups('--describe --all-groups --members --verbose', /live-classic/, UNORDERED),
];

const RESET = '--reset-offsets --group set';
const planned = (line: string, contains: RegExp, more: More = UNORDERED): GroupToolCase =>
  consumerGroups(`${RESET} ${line} --dry-run`, contains, more);

const RESETS: readonly GroupToolCase[] = [
  planned('--topic read --to-earliest', /read\s+2\s+0/),
  planned('--topic read --to-latest', /read\s+2\s+10/),
  planned('--topic read --to-current', /read\s+2\s+9/),
  planned('--topic read --to-offset 3', /read\s+2\s+3/),
  planned('--topic read --to-offset 1000', /read\s+2\s+10/),
  planned('--topic read --shift-by 2', /read\s+0\s+4/),
  planned('--topic read --shift-by -100', /read\s+0\s+0/),
  planned('--topic read --to-datetime 2024-01-01T00:05:30.000', /read\s+0\s+6/),
  planned('--topic read --to-datetime 2024-01-01T02:05:00.000+02:00', /read\s+0\s+5/),
  planned('--topic read --to-datetime 2030-01-01T00:00:00.000Z', /read\s+0\s+10/),
  planned('--topic read --by-duration PT0S', /read\s+0\s+10/),
  planned('--topic read --by-duration P20000D', /read\s+0\s+0/),
  planned('--topic read:1,2 --to-earliest', /read\s+1\s+0/),
  planned('--topic read:7 --to-earliest', /read/),
  planned('--topic read:0 --topic other --to-latest', /other\s+0\s+10/),
  planned('--topic nobody --to-earliest', /does not host this topic-partition/),
  planned('--all-topics --to-earliest', /other\s+0\s+0/),
  planned('--topic read --to-earliest --export', /read,0,0/),
  planned('--all-topics --to-current --export', /other,0,4/),
  planned('--from-file <file>', /read\s+1\s+7/, { input: 'read,1,7\nother,0,2\n', ...UNORDERED }),
  consumerGroups('--reset-offsets --group set --topic read --to-earliest', /WARN/, UNORDERED),
  consumerGroups(
    '--reset-offsets --group set --group two --all-topics --to-current --export --dry-run',
    /two,other,0,1/,
    UNORDERED,
  ),
  consumerGroups(
    '--reset-offsets --group set --group two --from-file <file> --execute',
    /two\s+other\s+0\s+8/,
    { input: 'set,read,0,6\ntwo,other,0,8\n', ...UNORDERED },
  ),
  consumerGroups('--describe --group set --group two', /two\s+other\s+0\s+8/, UNORDERED),
  consumerGroups(
    '--reset-offsets --group left --topic read --shift-by -4 --execute',
    /read\s+0\s+6/,
    UNORDERED,
  ),
  consumerGroups('--describe --group left --verbose', /left\s+read\s+0\s+\S+\s+6/),
  consumerGroups(
    '--reset-offsets --group new --topic read --to-latest --execute',
    /new\s+read\s+0\s+10/,
    UNORDERED,
  ),
  consumerGroups('--describe --group new --state', /new/),
  consumerGroups('--reset-offsets --group live-classic --topic read --to-earliest --execute', /inactive/),
  consumerGroups('--reset-offsets --group live-modern --topic read --to-earliest --execute', /inactive/),
  consumerGroups('--reset-offsets --all-groups --all-topics --to-current --dry-run', /simple/, UNORDERED),
];

const DELETES: readonly GroupToolCase[] = [
  consumerGroups('--delete-offsets --group set --topic read:0', /read\s+0\s+Successful/, UNORDERED),
  consumerGroups(
    '--delete-offsets --group set --topic other --topic read:1',
    /other\s+0\s+Successful/,
    UNORDERED,
  ),
  consumerGroups('--delete-offsets --group set --topic nobody', /nobody/, UNORDERED),
  consumerGroups('--delete-offsets --group left --topic read:2', /read\s+2\s+Successful/, UNORDERED),
  consumerGroups('--delete-offsets --group live-classic --topic read', /read/, UNORDERED),
  consumerGroups('--delete-offsets --group live-modern --topic read', /read/, UNORDERED),
  consumerGroups('--delete-offsets --group nobody --topic read', /group/i, UNORDERED),
  consumerGroups('--describe --group set', /set\s+read\s+2\s+9/),
  consumerGroups('--delete --group two', /successful/),
  consumerGroups('--delete --group nobody', /nobody/),
  consumerGroups('--delete --group live-classic', /live-classic/),
  consumerGroups('--delete --group simple --group live-modern', /simple/),
  consumerGroups('--delete --group set --group left', /successful/, UNORDERED),
  consumerGroups('--delete --all-groups', /live-classic/, UNORDERED),
  consumerGroups('--list --state --type', /^live-modern/m, UNORDERED),
];

export const GROUP_TOOL_CASES: readonly GroupToolCase[] = [...LISTS, ...DESCRIBES, ...RESETS, ...DELETES];
