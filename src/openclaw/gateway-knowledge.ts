/** What is known of a gateway besides its requests: its settings, its host, and what its log says. */
import { EventEmitter } from 'node:events';
import type { PendingRequest } from '../live/index.js';
import type { FactName } from '../model/index.js';
import { followGatewayLog, type LogFollower } from './follow-gateway-log.js';
import { type Bypass, findBypasses } from './gateway-bypasses.js';
import type { GatewayHello } from './gateway-hello.js';
import { isOwnHost } from './gateway-host.js';
import type { GatewayLink } from './gateway-link.js';
import {
  type AddressTrust,
  type GatewaySettings,
  readSettings,
  settingsOf,
  trustInAddresses,
} from './gateway-settings.js';
import { findWeaknesses, type Weakness } from './known-weaknesses.js';
import { findUntoldFacts } from './never-true-here.js';
import { type LoggedPairing, showsLoopback } from './parse-gateway-log.js';

export interface GatewayKnowledgeOptions {
  readonly link: GatewayLink;
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
}

/** What is found each time that the gateway lets us in. */
export interface GatewayFindings {
  readonly settings: GatewaySettings;
  /** How far the addresses of its requests can be believed. */
  readonly trust: AddressTrust;
  readonly weaknesses: readonly Weakness[];
  readonly bypasses: readonly Bypass[];
  /** Whether we stand on the gateway's own host, so that our addresses are its own. */
  readonly isOwnHost: boolean;
  /** The scopes that our login lacks. */
  readonly lacks: readonly string[];
  /** The facts that are unknown for every request. */
  readonly untold: ReadonlySet<FactName>;
}

export interface GatewayKnowledgeEvents {
  /** All that can be found out is known; it is told after each connect, before anything is decided. */
  readonly found: GatewayFindings;
  /** More is known of a request than before. */
  readonly learned: string;
}

const NEEDED = ['operator.pairing', 'operator.admin', 'operator.read'];
/** So many requests of which the log has spoken are remembered. */
const MAX_LOGGED = 10_000;

/** Learns anew at each connect, and from the log as it grows. */
export class GatewayKnowledge {
  readonly gateway: string | undefined;
  readonly #options: GatewayKnowledgeOptions;
  readonly #events = new EventEmitter();
  readonly #loopback = new Set<string>();
  #settings: GatewaySettings;
  #isOwnHost = false;
  #follower: { readonly path: string; readonly follower: LogFollower } | undefined;

  constructor(options: GatewayKnowledgeOptions) {
    this.#options = options;
    this.gateway = options.gatewayName;
    this.#settings = settingsOf(undefined, options.gatewayVersion);
  }

  /** As last read. */
  get settings(): GatewaySettings {
    return this.#settings;
  }

  /** The gateway's own addresses; undefined where they are not known. */
  ownAddresses(): readonly string[] | undefined {
    const { ownAddresses, hostAddresses } = this.#options;
    return ownAddresses ?? (this.#isOwnHost ? hostAddresses() : undefined);
  }

  /** Whether the missing address of a request is known to be loopback. */
  isLoopback({ requestId }: PendingRequest): boolean {
    return this.#options.missingAddress === 'loopback' || this.#loopback.has(requestId);
  }

  /** Finds out all that a gateway tells that has let us in. */
  async learn(hello: GatewayHello): Promise<void> {
    const { link, hostAddresses, gatewayVersion, logFile } = this.#options;
    const settings = await readSettings(link, hello, gatewayVersion);
    const isOwn = await isOwnHost(link, hostAddresses() ?? []);
    if (link.hello !== hello) return;
    this.#settings = settings;
    this.#isOwnHost = isOwn;
    const followed = logFile ?? (this.#isOwnHost ? settings.logFile : undefined);
    if (followed !== undefined) await this.#follow(followed);
    this.#emit('found', {
      settings,
      trust: trustInAddresses(settings, this.ownAddresses()),
      weaknesses: findWeaknesses(settings.version),
      bypasses: findBypasses(settings),
      isOwnHost: this.#isOwnHost,
      untold: findUntoldFacts(settings, this.ownAddresses()),
      lacks: hello.scopes ? NEEDED.filter((scope) => !hello.scopes?.has(scope)) : [],
    });
  }

  on<E extends keyof GatewayKnowledgeEvents>(
    event: E,
    listener: (event: GatewayKnowledgeEvents[E]) => void,
  ): () => void {
    this.#events.on(event, listener);
    return () => this.#events.off(event, listener);
  }

  async close(): Promise<void> {
    await this.#follower?.follower.close();
  }

  async #follow(path: string): Promise<void> {
    if (this.#follower?.path === path) return;
    await this.#follower?.follower.close();
    const follower = followGatewayLog(path, (pairing) => this.#hear(pairing));
    this.#follower = { path, follower };
    await follower.begun;
  }

  #hear(pairing: LoggedPairing): void {
    if (pairing.what !== 'refusal' || pairing.requestId === undefined) return;
    const { requestId } = pairing;
    // INVARIANT: the last connect counts. A request that was asked from loopback may be asked again from elsewhere.
    const wasLoopback = this.#loopback.delete(requestId);
    const isLoopback = showsLoopback(pairing, this.#settings.version);
    if (isLoopback) this.#loopback.add(requestId);
    const [oldest] = this.#loopback;
    if (this.#loopback.size > MAX_LOGGED && oldest !== undefined) this.#loopback.delete(oldest);
    if (isLoopback !== wasLoopback) this.#emit('learned', requestId);
  }

  #emit<E extends keyof GatewayKnowledgeEvents>(
    event: E,
    payload: GatewayKnowledgeEvents[E],
  ): void {
    this.#events.emit(event, payload);
  }
}
