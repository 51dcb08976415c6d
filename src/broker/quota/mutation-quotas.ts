/**
 * controller_mutation_rate (KIP-599): partitions that a client may have created and deleted, as a token bucket that holds
 * `controller.quota.window.num × controller.quota.window.size.seconds` seconds of its rate. Main thread, which alone
 * changes metadata, so the bucket needs no sharing.
 *
 * strict      newer versions: nothing is done while the bucket is below zero (THROTTLING_QUOTA_EXCEEDED)
 * permissive  older versions: done, and the client waits
 */
import type { Clock } from '../../io/clock.js';
import type { BrokerConfig } from '../../metadata/config/broker-config.js';
import type { MutationQuota } from '../../metadata/controller/plan.js';
import type { MetadataImage } from '../../metadata/image/metadata-image.js';
import type { QuotaClient } from './client-quotas.js';
import { QuotaKey, QuotaLimits } from './quota-limits.js';

/** Buckets kept; one that is full again is like one that never was. */
const BUCKETS_MAX = 4096;

class TokenBucket {
  tokens: number;
  private refilledMs: number;

  constructor(capacity: number, nowMs: number) {
    this.tokens = capacity;
    this.refilledMs = nowMs;
  }

  refill(limit: number, capacity: number, nowMs: number): void {
    const seconds = Math.max(0, nowMs - this.refilledMs) / 1000;
    this.tokens = Math.min(capacity, this.tokens + seconds * limit);
    this.refilledMs = nowMs;
  }
}

class ClientMutations implements MutationQuota {
  throttleMs = 0;

  constructor(
    private readonly bucket: TokenBucket,
    private readonly limit: number,
    private readonly strict: boolean,
  ) {}

  record(partitions: number): boolean {
    if (this.strict && this.bucket.tokens < 0) {
      this.wait();
      return false;
    }
    this.bucket.tokens -= partitions;
    if (!this.strict && this.bucket.tokens < 0) this.wait();
    return true;
  }

  private wait(): void {
    this.throttleMs = Math.max(0, Math.round((-this.bucket.tokens / this.limit) * 1000));
  }
}

/** What nobody is charged for: no quota, or the broker's own doing. */
export const UNLIMITED: MutationQuota = { throttleMs: 0, record: () => true };

export class MutationQuotas {
  private limits: QuotaLimits | null = null;
  private revision = 0;
  private readonly buckets = new Map<string, TokenBucket>();

  constructor(
    private readonly image: MetadataImage,
    private readonly config: () => BrokerConfig,
    private readonly clock: Pick<Clock, 'monotonicMs'>,
  ) {}

  /** For one request of a client. */
  of({ user, clientId }: QuotaClient, strict: boolean): MutationQuota {
    const { security } = this.image;
    if (security.quotaRevision !== this.revision) {
      this.revision = security.quotaRevision;
      this.limits = new QuotaLimits(QuotaKey.CONTROLLER_MUTATION, security.quotaEntities());
    }
    const found = this.limits?.of(user, clientId ?? '') ?? null;
    if (found === null) return UNLIMITED;
    const { name, limit } = found;
    const config = this.config();
    const seconds =
      config.number('controller.quota.window.num') * config.number('controller.quota.window.size.seconds');
    const now = this.clock.monotonicMs();
    let bucket = this.buckets.get(name);
    if (bucket === undefined) {
      if (this.buckets.size >= BUCKETS_MAX) this.forgetOldest();
      bucket = new TokenBucket(limit * seconds, now);
      this.buckets.set(name, bucket);
    }
    bucket.refill(limit, limit * seconds, now);
    return new ClientMutations(bucket, limit, strict);
  }

  private forgetOldest(): void {
    for (const name of this.buckets.keys()) {
      this.buckets.delete(name);
      return;
    }
  }
}
