/**
 * A program that holds group members of one client library, many in one process. Commands are lines on its stdin
 * (`start MEMBER GROUP TOPIC key=value...`, `stop MEMBER`); members report on its stdout, see ledger.ts. It ends with its stdin.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Ledger, parseReport } from './ledger.js';

const WAIT_MS_MAX = 40_000;
const POLL_MS = 20;
const STDERR_CHARS_MAX = 4000;

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
}

export class Host {
  private readonly ledgers = new Map<string, Ledger>();
  private stderr = '';
  private readonly exited: Promise<number | null>;

  private constructor(private readonly child: ChildProcessWithoutNullStreams) {
    createInterface(child.stdout).on('line', (line) => {
      const report = parseReport(line);
      if (report === undefined) return;
      const group = report.member.slice(0, report.member.lastIndexOf('.'));
      this.ledger(group).accept(report);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      this.stderr = `${this.stderr}${chunk.toString()}`.slice(-STDERR_CHARS_MAX);
    });
    child.stdin.on('error', () => {}); // the exit code tells
    this.exited = new Promise((done) => child.once('close', (code) => done(code)));
  }

  /** Starts the program; `bootstrap` is its last argument. */
  static start(program: Program, bootstrap: string): Host {
    return new Host(spawn(program.command, [...program.args, bootstrap], { stdio: 'pipe' }));
  }

  ledger(group: string): Ledger {
    const found = this.ledgers.get(group) ?? new Ledger();
    this.ledgers.set(group, found);
    return found;
  }

  /** Starts a member and returns its name. */
  startMember(group: string, index: number, topic: string, options: Record<string, string> = {}): string {
    const member = `${group}.${index}`;
    const pairs = Object.entries(options).map(([key, value]) => `${key}=${value}`);
    this.ledger(group).closed.delete(member);
    this.child.stdin.write(`${['start', member, group, topic, ...pairs].join(' ')}\n`);
    return member;
  }

  /** Stops a member and waits until it left. */
  async stopMember(member: string): Promise<void> {
    this.child.stdin.write(`stop ${member}\n`);
    const { closed } = this.ledger(member.slice(0, member.lastIndexOf('.')));
    await this.until(`${member} is closed`, () => closed.has(member));
  }

  /** Waits for a state; `what` names it when it does not come. */
  async until(what: string, holds: () => boolean, told: () => string = () => ''): Promise<void> {
    const deadline = performance.now() + WAIT_MS_MAX;
    while (!holds()) {
      if (this.child.exitCode !== null) throw new Error(`the members' process ended:\n${this.stderr}`);
      if (performance.now() > deadline)
        throw new Error(`not within time: ${what}; ${told()}\n${this.stderr}`);
      await new Promise((done) => setTimeout(done, POLL_MS));
    }
  }

  /** Ends the program; its exit code. */
  async end(): Promise<number | null> {
    this.child.stdin.end();
    const timer = setTimeout(() => this.child.kill('SIGKILL'), WAIT_MS_MAX);
    const code = await this.exited;
    clearTimeout(timer);
    return code;
  }

  get errors(): string {
    return this.stderr;
  }
}
