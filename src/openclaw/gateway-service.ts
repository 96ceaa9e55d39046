/** A gateway that is governed by a policy: the agent with all that it must know, for as long as it runs. */
import { EventEmitter } from 'node:events';
import type { DecisionLog, LimitKeeper, LivePolicy, PendingRequest } from '../live/index.js';
import { followGatewayLog, type LogFollower } from './follow-gateway-log.js';
import { type Bypass, findBypasses } from './gateway-bypasses.js';
import type { GatewayHello } from './gateway-hello.js';
import { isOwnHost } from './gateway-host.js';
import type { GatewayLink } from './gateway-link.js';
import { type GatewaySettings, readSettings, settingsOf } from './gateway-settings.js';
import type { GatewayStore } from './gateway-store.js';
import { findWeaknesses, type Weakness } from './known-weaknesses.js';
import { PairingAgent } from './pairing-agent.js';
import { type LoggedPairing, showsLoopback } from './parse-gateway-log.js';
import { type Admission, AdmissionWatch } from './watch-admissions.js';

export interface GatewayServiceOptions {
  readonly link: GatewayLink;
  readonly store: GatewayStore;
  readonly policy: LivePolicy;
  readonly limits: LimitKeeper;
  readonly log: DecisionLog;
  /** The addresses of this host. */
  readonly hostAddresses: () => readonly string[] | undefined;
  /** The operator's word on the gateway's own addresses, in place of what we find out. */
  readonly ownAddresses?: readonly string[] | undefined;
  /** The operator's word that a request without an address comes from the gateway's own host. */
  readonly missingAddress?: 'loopback' | undefined;
  /** The operator's word on the release; else the gateway's own. */
  readonly gatewayVersion?: string | undefined;
  /** A name for the gateway, which policies can read. */
  readonly gatewayName?: string | undefined;
  /** The gateway's log; else the one that its settings name. */
  readonly logFile?: string | undefined;
  readonly shadow?: boolean;
  /** How often the gateway is listed without any cause, in ms. */
  readonly listEveryMs?: number;
  readonly now?: () => number;
}

/** What is found each time that the gateway lets us in. */
export interface GatewayFindings {
  readonly settings: GatewaySettings;
  readonly weaknesses: readonly Weakness[];
  readonly bypasses: readonly Bypass[];
  /** Whether we stand on the gateway's own host, so that our addresses are its own. */
  readonly isOwnHost: boolean;
  /** The scopes that our login lacks. */
  readonly lacks: readonly string[];
}

export interface GatewayServiceEvents {
  readonly connected: GatewayFindings;
  readonly disconnected: { readonly code: number; readonly reason: string };
  readonly admission: Admission;
}

const LIST_EVERY_MS = 15_000;
const NEEDED = ['operator.pairing', 'operator.admin', 'operator.read'];
/** So many requests of which the log has spoken are remembered. */
const MAX_LOGGED = 10_000;

/** Runs until it is closed; the link, the store, the policy and the log stay their owner's. */
export class GatewayService {
  readonly agent: PairingAgent;
  readonly admissions: AdmissionWatch;
  readonly #options: GatewayServiceOptions;
  readonly #events = new EventEmitter();
  readonly #loopback = new Set<string>();
  readonly #stop: (() => void)[] = [];
  #settings: GatewaySettings;
  #isOwnHost = false;
  #follower: { readonly path: string; readonly follower: LogFollower } | undefined;
  #listing: NodeJS.Timeout | undefined;

  constructor(options: GatewayServiceOptions) {
    const { link, store, policy, limits, log, gatewayName, shadow, now } = options;
    this.#options = options;
    this.#settings = settingsOf(undefined, options.gatewayVersion);
    this.agent = new PairingAgent({
      store,
      policy,
      limits,
      log,
      settings: () => this.#settings,
      ownAddresses: () => this.#ownAddresses(),
      isLoopback: (request) => this.#isLoopback(request),
      held: () => link.hello?.scopes,
      gateway: gatewayName,
      shadow: shadow === true,
      ...(now && { now }),
    });
    this.admissions = new AdmissionWatch(link, (admission) => this.#emit('admission', admission));
  }

  /** Begins with what is pending now, and goes on by events. */
  async start(): Promise<void> {
    const { link, listEveryMs = LIST_EVERY_MS } = this.#options;
    this.#stop.push(
      link.on('up', (hello) => void this.#welcome(hello)),
      link.on('down', (why) => this.#emit('disconnected', why)),
      this.agent.on('approved', ({ request }) => {
        if (request.store === 'device') this.admissions.begin(request);
      }),
    );
    // Events get lost, and rules depend on the time.
    this.#listing = setInterval(() => void this.agent.considerAll(), listEveryMs);
    if (link.hello) await this.#welcome(link.hello);
  }

  on<E extends keyof GatewayServiceEvents>(
    event: E,
    listener: (event: GatewayServiceEvents[E]) => void,
  ): () => void {
    this.#events.on(event, listener);
    return () => this.#events.off(event, listener);
  }

  async close(): Promise<void> {
    clearInterval(this.#listing);
    for (const stop of this.#stop) stop();
    this.agent.close();
    this.admissions.close();
    await this.#follower?.follower.close();
  }

  /** The settings come first: without them an address could be believed that must not be. */
  async #welcome(hello: GatewayHello): Promise<void> {
    const { link, hostAddresses, gatewayVersion, logFile } = this.#options;
    const settings = await readSettings(link, hello, gatewayVersion);
    this.#settings = settings;
    this.#isOwnHost = await isOwnHost(link, hostAddresses() ?? []);
    const followed = logFile ?? (this.#isOwnHost ? settings.logFile : undefined);
    if (followed !== undefined) await this.#follow(followed);
    this.#emit('connected', {
      settings,
      weaknesses: findWeaknesses(settings.version),
      bypasses: findBypasses(settings),
      isOwnHost: this.#isOwnHost,
      lacks: hello.scopes ? NEEDED.filter((scope) => !hello.scopes?.has(scope)) : [],
    });
    await this.agent.considerAll();
  }

  #ownAddresses(): readonly string[] | undefined {
    const { ownAddresses, hostAddresses } = this.#options;
    return ownAddresses ?? (this.#isOwnHost ? hostAddresses() : undefined);
  }

  #isLoopback({ requestId }: PendingRequest): boolean {
    return this.#options.missingAddress === 'loopback' || this.#loopback.has(requestId);
  }

  async #follow(path: string): Promise<void> {
    if (this.#follower?.path === path) return;
    await this.#follower?.follower.close();
    this.#follower = { path, follower: followGatewayLog(path, (pairing) => this.#hear(pairing)) };
  }

  #hear(pairing: LoggedPairing): void {
    if (pairing.what !== 'refusal' || pairing.requestId === undefined) return;
    const { requestId } = pairing;
    // INVARIANT: the last connect counts. A request that was asked from loopback may be asked again from elsewhere.
    const wasLoopback = this.#loopback.delete(requestId);
    if (showsLoopback(pairing, this.#settings.version)) this.#loopback.add(requestId);
    else if (!wasLoopback) return;
    const [oldest] = this.#loopback;
    if (this.#loopback.size > MAX_LOGGED && oldest !== undefined) this.#loopback.delete(oldest);
    this.agent.reconsider(requestId);
  }

  #emit<E extends keyof GatewayServiceEvents>(event: E, payload: GatewayServiceEvents[E]): void {
    this.#events.emit(event, payload);
  }
}
