/**
 * max.connections, max.connections.per.ip and its overrides, max.connection.creation.rate (also with a listener's prefix),
 * and connection_creation_rate of addresses (ConnectionQuotas; KIP-308, KIP-402, KIP-612). Counts and rates are those of
 * all network threads. One per network thread.
 *
 * Too many connections: the newest is closed. (Kafka lets it wait for a place when max.connections is reached; here it
 * would hold a descriptor meanwhile.) Too fast for a broker or listener: it is served in its turn, as if it had not been
 * accepted yet. Too fast for its address: it is closed after the wait, so that a client that reconnects at once is slowed.
 */
import type { Clock } from '../../io/clock.js';
import type { MetadataImage } from '../../metadata/image/metadata-image.js';
import { QuotaKey, QuotaLimits } from './quota-limits.js';
import type { SharedCounts } from './shared-counts.js';
import type { SharedRates } from './shared-rates.js';

export const UNLIMITED = 2_147_483_647;

/** What the configuration says; a listener without a setting of its own has the broker's. */
export interface ConnectionLimitSettings {
  readonly connectionsMax: number;
  readonly perAddressMax: number;
  /** By address, host names resolved. */
  readonly perAddressOverrides: readonly (readonly [address: string, max: number])[];
  readonly creationRate: number;
  readonly listeners: readonly ListenerLimits[];
}
export interface ListenerLimits {
  readonly name: string;
  readonly connectionsMax: number;
  readonly creationRate: number;
  /** The inter-broker listener beside another: the broker's own limits do not hold for it. */
  readonly protected: boolean;
}

export type Admission =
  | { readonly kind: 'open' }
  /** Nothing is read from it for so long. */
  | { readonly kind: 'hold'; readonly ms: number }
  | { readonly kind: 'close'; readonly afterMs: number; readonly why: string };

/** Connections waiting for their turn further ahead than this are closed. */
const HOLD_MS_MAX = 30_000;
const OPEN: Admission = { kind: 'open' };
const BROKER = 'broker';

interface Opened {
  readonly listener: string;
  readonly address: string;
}

export class ConnectionLimits {
  private overrides = new Map<string, number>();
  private listeners = new Map<string, ListenerLimits>();
  private addressRates: QuotaLimits | null = null;
  private revision = 0;
  /** By connection. */
  private readonly opened: (Opened | undefined)[] = [];
  /** When the last connection held back by a rate goes on, by the rate's name. */
  private readonly turns = new Map<string, number>();

  constructor(
    private settings: ConnectionLimitSettings,
    private readonly counts: SharedCounts,
    private readonly rates: SharedRates,
    private readonly clock: Pick<Clock, 'now'>,
  ) {
    this.configure(settings);
  }

  /** The configuration has changed. */
  configure(settings: ConnectionLimitSettings): void {
    this.settings = settings;
    this.overrides = new Map(settings.perAddressOverrides);
    this.listeners = new Map(settings.listeners.map((listener) => [listener.name, listener]));
  }

  /** The image has replayed records. */
  refresh({ security }: MetadataImage): void {
    if (security.quotaRevision === this.revision) return;
    this.revision = security.quotaRevision;
    this.addressRates = new QuotaLimits(QuotaKey.CONNECTION, security.quotaEntities());
    if (this.addressRates.isEmpty) this.addressRates = null;
  }

  /** Counts a connection that has just been accepted, and says what becomes of it. */
  admit(connection: number, listener: string, address: string): Admission {
    this.opened[connection] = { listener, address };
    const { counts, settings } = this;
    const all = counts.add(BROKER, 1);
    const ofListener = counts.add(`listener ${listener}`, 1);
    const ofAddress = counts.add(`address ${address}`, 1);
    const limits = this.listeners.get(listener);
    const rate = this.rateOf(listener, limits);
    const tooFast = this.addressWait(address, rate.names);
    if (tooFast > 0)
      return { kind: 'close', afterMs: tooFast, why: 'over the connection_creation_rate of its address' };
    const perAddress = this.overrides.get(address) ?? settings.perAddressMax;
    if (ofAddress > perAddress) return refused(`over ${perAddress} connections from its address`);
    const listenerMax = limits?.connectionsMax ?? UNLIMITED;
    if (ofListener > listenerMax) return refused(`over ${listenerMax} connections of its listener`);
    if (limits?.protected !== true && all > settings.connectionsMax)
      return refused(`over ${settings.connectionsMax} connections`);
    if (rate.waitMs > HOLD_MS_MAX) return refused('over max.connection.creation.rate for too long');
    return rate.waitMs > 0 ? { kind: 'hold', ms: rate.waitMs } : OPEN;
  }

  /** A connection that was admitted, or not, is gone. */
  closed(connection: number): void {
    const opened = this.opened[connection];
    if (opened === undefined) return;
    this.opened[connection] = undefined;
    this.counts.add(BROKER, -1);
    this.counts.add(`listener ${opened.listener}`, -1);
    this.counts.add(`address ${opened.address}`, -1);
  }

  /** Records the connection with the broker's and the listener's rate; ms until its turn. */
  private rateOf(listener: string, limits: ListenerLimits | undefined): { waitMs: number; names: string[] } {
    const names: string[] = [];
    let waitMs = 0;
    const record = (name: string, limit: number): void => {
      if (limit === UNLIMITED) return;
      names.push(name);
      waitMs = Math.max(waitMs, this.turn(name, limit));
    };
    if (limits?.protected !== true) record('connections', this.settings.creationRate);
    if (limits !== undefined) record(`connections ${listener}`, limits.creationRate);
    return { waitMs, names };
  }

  /** Over the rate one goes on every 1 / limit seconds, as behind an acceptor that waits. */
  private turn(name: string, limit: number): number {
    const now = this.clock.now();
    const rate = this.rates.rate(name);
    rate.add(1, now);
    if (rate.measure(now) <= limit) return 0;
    const last = this.turns.get(name) ?? now;
    const next = Math.max(now, last) + 1000 / Math.max(limit, 1 / HOLD_MS_MAX);
    if (next - now <= HOLD_MS_MAX) this.turns.set(name, next);
    return next - now;
  }

  /** ms that the address must wait; such a connection counts for no rate. */
  private addressWait(address: string, counted: readonly string[]): number {
    const found = this.addressRates?.ofAddress(address) ?? null;
    if (found === null) return 0;
    const now = this.clock.now();
    const rate = this.rates.rate(found.name);
    rate.add(1, now);
    const excess = rate.measure(now) - found.limit;
    if (excess <= 0) return 0;
    rate.add(-1, now);
    for (const name of counted) this.rates.rate(name).add(-1, now);
    const waitMs = Math.round((excess / found.limit) * rate.windowMs);
    return Math.max(1, Math.min(waitMs, this.rates.windows.windowMs));
  }
}

function refused(why: string): Admission {
  return { kind: 'close', afterMs: 0, why };
}
