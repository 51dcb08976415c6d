/**
 * Client quotas of one network thread: bytes produced, bytes fetched, time of request handling (KIP-13, KIP-55, KIP-124).
 * Records what a client used and says how long it must wait; muting is the caller's. As long as nobody has a quota the
 * flags are false and nothing here is called.
 */
import type { Clock } from '../../io/clock.js';
import type { MetadataImage } from '../../metadata/image/metadata-image.js';
import { QuotaKey, QuotaLimits } from './quota-limits.js';
import type { SharedRate, SharedRates } from './shared-rates.js';

/** Who is charged. */
export interface QuotaClient {
  /** Principal name; ANONYMOUS without authentication. */
  readonly user: string;
  readonly clientId: string | null;
}

interface Held {
  readonly rate: SharedRate;
  readonly limit: number;
}
interface Quotas {
  readonly produce: Held | null;
  readonly fetch: Held | null;
  readonly request: Held | null;
}
const UNLIMITED: Quotas = { produce: null, fetch: null, request: null };

/** Clients remembered with their quotas; a new one costs some look-ups. */
const CLIENTS_MAX = 4096;
/** Percent of a thread that one ms in a second is. */
const PERCENT_OF_MS = 0.1;

export class ClientQuotas {
  /** Somebody has a producer_byte_rate or request_percentage: whoever it is, its produce requests go the general way. */
  chargesProduce = false;
  chargesFetch = false;
  /** Somebody has a request_percentage. */
  chargesRequests = false;
  private limits: { produce: QuotaLimits; fetch: QuotaLimits; request: QuotaLimits } | null = null;
  private readonly clients = new Map<string, Quotas>();
  private revision = 0;

  constructor(
    private readonly rates: SharedRates,
    private readonly clock: Pick<Clock, 'now'>,
  ) {}

  /** The image has replayed records. */
  refresh({ security }: MetadataImage): void {
    if (security.quotaRevision === this.revision) return;
    this.revision = security.quotaRevision;
    const of = (key: string): QuotaLimits => new QuotaLimits(key, security.quotaEntities());
    this.limits = { produce: of(QuotaKey.PRODUCE), fetch: of(QuotaKey.FETCH), request: of(QuotaKey.REQUEST) };
    this.chargesRequests = !this.limits.request.isEmpty;
    this.chargesProduce = !this.limits.produce.isEmpty || this.chargesRequests;
    this.chargesFetch = !this.limits.fetch.isEmpty || this.chargesRequests;
    this.clients.clear();
  }

  private of({ user, clientId }: QuotaClient): Quotas {
    const { limits } = this;
    if (limits === null) return UNLIMITED;
    const client = clientId ?? '';
    const name = `${user.length}:${user}${client}`;
    const known = this.clients.get(name);
    if (known !== undefined) return known;
    const held = (one: QuotaLimits): Held | null => {
      const found = one.of(user, client);
      return found === null ? null : { rate: this.rates.rate(found.name), limit: found.limit };
    };
    const quotas = {
      produce: held(limits.produce),
      fetch: held(limits.fetch),
      request: held(limits.request),
    };
    if (this.clients.size >= CLIENTS_MAX) this.clients.clear();
    this.clients.set(name, quotas);
    return quotas;
  }

  /** No quota of this client is about produce requests. */
  producesFreely(client: QuotaClient): boolean {
    const { produce, request } = this.of(client);
    return produce === null && request === null;
  }

  /** Records a produce request of `bytes`; ms to wait before the next, 0 = none. */
  produced(client: QuotaClient, bytes: number, workMs: number): number {
    const { produce, request } = this.of(client);
    return Math.max(this.charge(produce, bytes), this.chargeWork(request, workMs));
  }

  /** Records `workMs` of handling any other request. */
  served(client: QuotaClient, workMs: number): number {
    return this.chargeWork(this.of(client).request, workMs);
  }

  /** Records an answer of `bytes`. When it has to wait nothing stays recorded: the client gets an empty answer. */
  fetched(client: QuotaClient, bytes: number, workMs: number): number {
    const { fetch, request } = this.of(client);
    const wait = Math.max(this.charge(fetch, bytes), this.chargeWork(request, workMs));
    if (wait > 0 && fetch !== null) fetch.rate.add(-bytes, this.clock.now());
    return wait;
  }

  /** Most bytes an answer can have without being refused for ever (ClientQuotaManager.getMaxValueInQuotaWindow). */
  fetchBytesMax(client: QuotaClient): number {
    const { fetch } = this.of(client);
    if (fetch === null) return Number.MAX_SAFE_INTEGER;
    const { samples, windowMs } = this.rates.windows;
    return (fetch.limit * (samples - 1) * windowMs) / 1000;
  }

  /** QuotaUtils.throttleTime: until the rate is back at the limit, if nothing more is recorded. */
  private charge(held: Held | null, amount: number): number {
    if (held === null) return 0;
    const now = this.clock.now();
    held.rate.add(amount, now);
    const excess = held.rate.measure(now) - held.limit;
    return excess <= 0 ? 0 : Math.round((excess / held.limit) * held.rate.windowMs);
  }

  /** Waits for handling time last one window at most. */
  private chargeWork(held: Held | null, workMs: number): number {
    return Math.min(this.charge(held, workMs * PERCENT_OF_MS), this.rates.windows.windowMs);
  }
}
