/** Produces to every partition of a topic, one record each, again and again. */
import { Kafka, logLevel } from 'kafkajs';

const PAUSE_MS = 40;
/** Longer than any restart of the broker. A batch whose answer was lost is sent again: its records may be there twice. */
const RETRY = { initialRetryTime: 100, maxRetryTime: 500, retries: 60 };

export class Feeder {
  private running = true;
  private readonly done: Promise<void>;
  /** Records of each partition that were acknowledged; the value of each is its number. */
  rounds = 0;

  constructor(
    bootstrap: string,
    private readonly topics: readonly string[],
    private readonly partitions: number,
  ) {
    this.done = this.run(new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING }));
  }

  private async run(kafka: Kafka): Promise<void> {
    const producer = kafka.producer({ allowAutoTopicCreation: false, retry: RETRY });
    await producer.connect();
    while (this.running) {
      const messages = Array.from({ length: this.partitions }, (_, partition) => ({
        partition,
        value: String(this.rounds),
      }));
      await producer.sendBatch({
        acks: -1,
        topicMessages: this.topics.map((topic) => ({ topic, messages })),
      });
      this.rounds++;
      await new Promise((go) => setTimeout(go, PAUSE_MS));
    }
    await producer.disconnect();
  }

  /** Names of all partitions, as members report them. */
  names(): string[] {
    return this.topics.flatMap((topic) =>
      Array.from({ length: this.partitions }, (_, partition) => `${topic}:${partition}`),
    );
  }

  async stop(): Promise<void> {
    this.running = false;
    await this.done;
  }
}
