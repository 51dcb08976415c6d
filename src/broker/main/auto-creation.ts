/**
 * Topics created because a Metadata request named them or a coordinator needs them (AutoTopicCreationManager): with the
 * broker's defaults, coordinators' topics with theirs, each once however many clients ask. Main thread.
 */
import type { Report } from '../../base/report.js';
import { createTopics } from '../../metadata/controller/create-topics.js';
import type { ControllerContext, Plan } from '../../metadata/controller/plan.js';
import { isInternalTopic } from '../internal-topics.js';
import { automaticTopic } from './automatic-topic.js';

/** Names waiting at once; a client that asks for more gets them with its next requests. */
const WAITING_MAX = 10_000;

export class AutoCreation {
  private readonly creating = new Set<string>();

  constructor(
    private readonly submit: <Response>(
      plan: (controller: ControllerContext) => Plan<Response>,
    ) => Promise<Response>,
    private readonly report: Report,
  ) {}

  create(names: readonly string[]): void {
    const fresh = names.filter((name) => !this.creating.has(name)).slice(0, WAITING_MAX - this.creating.size);
    if (fresh.length === 0) return;
    for (const name of fresh) this.creating.add(name);
    void this.run(fresh);
  }

  private async run(names: readonly string[]): Promise<void> {
    try {
      const results = await this.submit((controller) => {
        const brokers = controller.image.brokers.alive().length;
        const topics = names.map((name) => automaticTopic(name, controller.broker, brokers));
        return createTopics(controller, topics, false);
      });
      for (const { name, errorCode, errorMessage } of results) {
        if (errorCode === 0) continue;
        const level = isInternalTopic(name) ? 'warn' : 'debug';
        this.report(level, `Topic ${name} was not created: ${errorMessage ?? errorCode}`);
      }
    } catch (error) {
      this.report(
        'error',
        `Automatic creation failed: ${error instanceof Error ? error.message : String(error)}`,
      );
    } finally {
      for (const name of names) this.creating.delete(name);
    }
  }
}
