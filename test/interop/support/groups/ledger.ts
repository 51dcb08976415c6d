/**
 * What the members of one group report, line by line, held against the promises of a group: a partition has one owner at
 * a time, a commit covers only what was delivered, and in the end everything was.
 */

export interface Report {
  readonly member: string;
  /** `assigned`, `revoked`, `lost`, `record`, `committed`, `closed`, `failed`. */
  readonly kind: string;
  readonly details: readonly string[];
  /** Milliseconds since the epoch, by the clock of the members' process. */
  readonly at: number;
}

/** `MS MEMBER KIND DETAIL...`, as every host program prints. */
export function parseReport(line: string): Report | undefined {
  const [at = '', member = '', kind, ...details] = line.split(' ');
  if (kind === undefined || !/^\d+$/.test(at)) return undefined;
  return { at: Number(at), member, kind, details };
}

const list = (text: string | undefined): string[] =>
  text === undefined || text === '' ? [] : text.split(',');

const REPORTS_KEPT = 1000;

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

export class Ledger {
  /** What must not happen, told in words; empty in the end. */
  readonly faults: string[] = [];
  readonly owners = new Map<string, string>();
  /** Values by partition (`topic:index`), then by offset. */
  readonly delivered = new Map<string, Map<number, string>>();
  readonly committed = new Map<string, number>();
  readonly closed = new Set<string>();
  records = 0;
  /** How often a member was told what it owns. */
  private readonly assignments = new Map<string, number>();
  /** Commits and polls that failed in a way that the client may retry, by error. */
  private readonly failures = new Map<string, number>();
  private readonly recent: string[] = [];
  private readonly complete = new Map<string, number>();

  accept(report: Report): void {
    const { member, kind, details } = report;
    this.recent.push(`${report.at} ${member} ${kind} ${details.join(' ')}`);
    if (this.recent.length > REPORTS_KEPT) this.recent.shift();
    if (kind === 'assigned') this.assign(report);
    else if (kind === 'revoked' || kind === 'lost') this.release(member, list(details[0]));
    else if (kind === 'record') this.deliver(report);
    else if (kind === 'committed') for (const pair of list(details[0])) this.commit(member, pair);
    else if (kind === 'closed') this.close(member);
    else if (kind === 'failed') count(this.failures, details.join(' '));
    else this.faults.push(`${member} says ${kind} ${details.join(' ')}`);
  }

  /** Partitions that a member owns now. */
  ownedBy(member: string): string[] {
    return [...this.owners].filter(([, owner]) => owner === member).map(([partition]) => partition);
  }

  /** The latest reports, those of records and commits only of one partition; for the message of a failed test. */
  story(partition = ''): string {
    return this.recent
      .filter((line) => !/ (record|committed) /.test(line) || (partition !== '' && line.includes(partition)))
      .join('\n');
  }

  assignmentsOf(member: string): number {
    return this.assignments.get(member) ?? 0;
  }

  get assignmentsOfAll(): number {
    return [...this.assignments.values()].reduce((sum, times) => sum + times, 0);
  }

  failuresTold(): string {
    return [...this.failures].map(([error, times]) => `${times} ${error}`).join(', ') || 'none';
  }

  /** Offsets of a partition from 0 that were delivered without a gap. */
  deliveredUpTo(partition: string): number {
    const offsets = this.delivered.get(partition);
    let next = this.complete.get(partition) ?? 0;
    while (offsets?.has(next)) next++;
    this.complete.set(partition, next);
    return next;
  }

  private assign({ member, details, at }: Report): void {
    count(this.assignments, member);
    for (const partition of list(details[0])) {
      const owner = this.owners.get(partition);
      if (owner !== undefined && owner !== member)
        this.faults.push(`${at}: ${partition} assigned to ${member} while ${owner} owns it`);
      this.owners.set(partition, member);
    }
  }

  private release(member: string, partitions: readonly string[]): void {
    for (const partition of partitions)
      if (this.owners.get(partition) === member) this.owners.delete(partition);
  }

  private deliver({ member, details, at }: Report): void {
    const [partition = '', offset, value = ''] = details;
    const owner = this.owners.get(partition);
    if (owner !== undefined && owner !== member)
      this.faults.push(`${at}: ${partition} delivered to ${member} while ${owner} owns it`);
    const offsets = this.delivered.get(partition) ?? new Map<number, string>();
    this.delivered.set(partition, offsets);
    offsets.set(Number(offset), value);
    this.records++;
  }

  private commit(member: string, pair: string): void {
    const [partition = '', text] = pair.split('=');
    const offset = Number(text);
    const delivered = this.deliveredUpTo(partition);
    if (offset > delivered)
      this.faults.push(`${member} committed ${offset} of ${partition}, delivered are ${delivered}`);
    this.committed.set(partition, Math.max(offset, this.committed.get(partition) ?? 0));
  }

  private close(member: string): void {
    const left = this.ownedBy(member);
    if (left.length > 0) this.faults.push(`${member} closed and still owns ${left.join()}`);
    this.release(member, left);
    this.closed.add(member);
  }
}
