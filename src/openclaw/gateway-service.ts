/** A gateway that is governed by a policy, for as long as it runs. */
import type { DecisionLog, LimitKeeper, LivePolicy } from '../live/index.js';
import type { GatewayHello } from './gateway-hello.js';
import type { GatewayKnowledge } from './gateway-knowledge.js';
import type { GatewayLink } from './gateway-link.js';
import type { GatewayStore } from './gateway-store.js';
import { PairingAgent } from './pairing-agent.js';
import { type Admission, AdmissionWatch } from './watch-admissions.js';

export interface GatewayServiceOptions {
  readonly link: GatewayLink;
  readonly store: GatewayStore;
  readonly knowledge: GatewayKnowledge;
  readonly policy: LivePolicy;
  readonly limits: LimitKeeper;
  readonly log: DecisionLog;
  /** Decides and tells, and acts on nothing. */
  readonly shadow?: boolean;
  /** How often the gateway is listed without any cause, in ms. */
  readonly listEveryMs?: number;
  /** Is told how each device that was approved got in. */
  readonly onAdmission?: (admission: Admission) => void;
  /** ms since the epoch. */
  readonly now?: () => number;
}

const LIST_EVERY_MS = 15_000;

/** Runs until it is closed; what it was given stays its owner's. */
export class GatewayService {
  readonly agent: PairingAgent;
  readonly admissions: AdmissionWatch;
  readonly #options: GatewayServiceOptions;
  readonly #stop: (() => void)[] = [];
  #listing: NodeJS.Timeout | undefined;

  constructor(options: GatewayServiceOptions) {
    const { link, shadow, onAdmission = () => {} } = options;
    this.#options = options;
    this.agent = new PairingAgent({
      ...options,
      held: () => link.hello?.scopes,
      shadow: shadow === true,
    });
    this.admissions = new AdmissionWatch(link, onAdmission);
  }

  /** Begins with what is pending now, and goes on by events. */
  async start(): Promise<void> {
    const { link, knowledge, listEveryMs = LIST_EVERY_MS } = this.#options;
    this.#stop.push(
      link.on('up', (hello) => void this.#welcome(hello)),
      knowledge.on('learned', (requestId) => void this.agent.reconsider(requestId)),
      this.agent.on('approved', ({ request }) => {
        if (request.store === 'device') this.admissions.begin(request);
      }),
    );
    // Events get lost, and rules depend on the time.
    this.#listing = setInterval(() => void this.agent.considerAll(), listEveryMs);
    if (link.hello) await this.#welcome(link.hello);
  }

  async close(): Promise<void> {
    clearInterval(this.#listing);
    for (const stop of this.#stop) stop();
    this.agent.close();
    this.admissions.close();
  }

  /** The settings come first: without them an address could be believed that must not be. */
  async #welcome(hello: GatewayHello): Promise<void> {
    this.agent.pause();
    const { link, knowledge } = this.#options;
    await knowledge.learn(hello);
    // What was learnt over a connection that is gone says nothing of the gateway that is there now.
    if (link.hello !== hello) return;
    this.agent.resume();
    await this.agent.considerAll();
  }
}
