/**
 * Topics created because a Metadata request named them (AutoTopicCreationManager): with the broker's defaults, each once
 * however many clients ask. Main thread.
 */
import type { Report } from '../../base/report.js';
import { createTopics } from '../../metadata/controller/create-topics.js';
import type { ControllerContext, MutationQuota, Plan } from '../../metadata/controller/plan.js';

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

  /** `quota`: of the client that named them; topics beyond it are not created now. */
  create(names: readonly string[], quota: MutationQuota): void {
    const fresh = names.filter((name) => !this.creating.has(name)).slice(0, WAITING_MAX - this.creating.size);
    if (fresh.length === 0) return;
    for (const name of fresh) this.creating.add(name);
    void this.run(fresh, quota);
  }

  private async run(names: readonly string[], quota: MutationQuota): Promise<void> {
    const topics = names.map((name) => ({
      name,
      numPartitions: -1,
      replicationFactor: -1,
      assignments: [],
      configs: [],
    }));
    try {
      const results = await this.submit((controller) => createTopics(controller, topics, false, quota));
      for (const { name, errorCode, errorMessage } of results) {
        if (errorCode !== 0)
          this.report('debug', `Topic ${name} was not created: ${errorMessage ?? errorCode}`);
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
