/** One connect, from its coming to its answer. */
import { PairPolicyError } from '../model/index.js';
import type { Approvals } from './approvals.js';
import type { IdentityWatch } from './changing-identity.js';
import type { ConnectAnswer, Refusal } from './connect-answer.js';
import { decideOnFailure } from './decide-on-failure.js';
import type { DecisionLog } from './decision-log-entry.js';
import { DecisionNotes } from './decision-notes.js';
import { dropRequests } from './drop-requests.js';
import type { GrantableScopes } from './grantable-scopes.js';
import type { HookCounts } from './hook-counts.js';
import { ConnectError, type IncomingConnect, readIncoming } from './incoming-connect.js';
import type { LiveDecider, Verdict } from './live-decider.js';
import { settleCommands } from './node-commands.js';
import type { OwnPairingStore, PairedDevice, PairingAsk, PendingRequest } from './pairing-store.js';
import { type RefusedConnect, refuse } from './refuse.js';
import { requestWithin } from './request-within.js';
import { Stay } from './stay.js';
import type { WaitingRoom } from './waiting-room.js';

/** What all connects of a hook share. */
export interface VisitSurroundings {
  readonly store: OwnPairingStore;
  readonly decider: LiveDecider;
  readonly approvals: Approvals;
  readonly room: WaitingRoom;
  readonly grantable: GrantableScopes;
  readonly identities: IdentityWatch;
  readonly log: DecisionLog | undefined;
  /** In ms. */
  readonly holdMs: number;
  readonly onError: ((error: unknown) => void) | undefined;
  readonly counts: HookCounts;
  isClosing: boolean;
}

/** The gateway may name no signal. */
export interface Leaving {
  readonly signal?: AbortSignal | undefined;
}

/** A decision that was overtaken so often is a fault of the store or the policy. */
const MAX_TURNS = 16;

/** Decides one connect until there is an answer. */
export class Visit {
  readonly #all: VisitSurroundings;
  readonly #notes: DecisionNotes;
  #connect: IncomingConnect | undefined;
  #signal: AbortSignal | undefined;
  #verdict: Verdict | undefined;
  #request: PendingRequest | undefined;
  #stay: Stay | undefined;
  #identity: string | undefined;

  constructor(all: VisitSurroundings) {
    this.#all = all;
    this.#notes = new DecisionNotes(all.log, all.counts);
  }

  /** The answer. Never rejects: whatever fails is a hold. */
  async answer(record: unknown, leaving: Leaving | undefined): Promise<ConnectAnswer> {
    const answer = await this.#settle(record, leaving).catch((error) => this.#fail(error));
    this.#stay?.getUp();
    if (answer.admitted) this.#all.counts.admitted += 1;
    else this.#all.counts.refused += 1;
    return answer;
  }

  async #settle(record: unknown, leaving: Leaving | undefined): Promise<ConnectAnswer> {
    const { decider, isClosing } = this.#all;
    if (isClosing) throw new ConnectError('the gateway is shutting down', 'wait');
    this.#signal = leaving?.signal;
    const connect = readIncoming(record, decider.now());
    this.#connect = connect;
    for (let turn = 0; turn < MAX_TURNS; ) {
      const verdict = decider.decideDevice(connect);
      this.#meet(connect, verdict);
      const answer = await this.#act(connect, verdict).catch(decideAnew);
      if (answer) return answer;
      // Waiting is bounded by time, being overtaken by others is not.
      if (verdict.decision.action !== 'hold') turn += 1;
    }
    throw new Error('the connect was overtaken by too many changes');
  }

  #act(connect: IncomingConnect, verdict: Verdict): Promise<ConnectAnswer | undefined> {
    if (verdict.decision.action === 'deny') return this.#deny(verdict);
    return verdict.decision.action === 'approve'
      ? this.#admit(connect, verdict)
      : this.#hold(connect, verdict);
  }

  /** A client that comes as a new device each time is told so. */
  #meet({ deviceId }: IncomingConnect, verdict: Verdict): void {
    if (!this.#verdict && verdict.kind === 'new-device') {
      const { remoteIp, ...facts } = verdict.circumstances.facts;
      const device = { ...facts, deviceId, remoteIp: remoteIp?.text, at: verdict.decision.at };
      this.#identity = this.#all.identities.note(device)?.description;
    }
    this.#verdict = verdict;
  }

  async #deny(verdict: Verdict): Promise<Refusal> {
    this.#notes.note(verdict, 'refused', undefined);
    // A request that cannot be dropped makes it no less a denial.
    if (verdict.ask) await dropRequests(this.#all.store, verdict.ask).catch(this.#report);
    this.#request = undefined;
    return this.#refuse(verdict, 'stop');
  }

  async #admit(connect: IncomingConnect, verdict: Verdict): Promise<ConnectAnswer | undefined> {
    const { approvals, store } = this.#all;
    const { kind, decision } = verdict;
    if (this.#signal?.aborted) throw new ConnectError('the client has gone', 'wait');
    const known = kind === 'reconnect' ? verdict.device : undefined;
    const busy = known ? undefined : approvals.busyWith(connect.deviceId);
    if (busy) {
      await busy;
      return undefined;
    }
    const paired = known ?? (await approvals.act(verdict, connect.deviceId));
    const options = { ...this.#all, onError: this.#report };
    const settled = await settleCommands(connect, paired, options);
    if (!settled || !this.#stands(connect, verdict, settled.device)) return undefined;
    if (known) store.noteSeen(connect.deviceId, decision.at);
    const { commands, device, verdict: other, requestId } = settled;
    this.#notes.note(verdict, 'admitted', undefined);
    if (other) this.#notes.note(other, 'admitted', requestId);
    return { admitted: true, decision, device, commands, commandsDecision: other?.decision };
  }

  /** Whether the decision still holds after all that was waited for: it was written, and nobody has taken it back. */
  #stands(connect: IncomingConnect, { policy }: Verdict, told: PairedDevice): boolean {
    const { decider, store } = this.#all;
    const device: PairedDevice | undefined = store.paired(connect.deviceId);
    const hasAll = (now: readonly string[] = [], said: readonly string[] = []) =>
      said.every((one) => now.includes(one));
    return (
      decider.inForce.policy === policy &&
      device?.publicKey === connect.publicKey &&
      hasAll(device.roles, told.roles) &&
      hasAll(device.scopes, told.scopes) &&
      hasAll(device.commands, told.commands) &&
      !decider.isBlocked(connect)
    );
  }

  async #hold(connect: IncomingConnect, verdict: Verdict): Promise<Refusal | undefined> {
    // What is paired asks for nothing that a person could approve.
    const ask = verdict.kind === 'reconnect' ? undefined : verdict.ask;
    if (this.#request && ask && this.#isRejected()) return this.#refuse(verdict, 'rejected');
    // INVARIANT: the seat is taken before anything is waited for; else a change in between would wake nobody.
    const seat = this.#sit(connect, verdict);
    if (!ask) this.#request = undefined;
    else if (!(await this.#ask(ask))) return this.#turnAway(verdict);
    // That its own request is there now is no reason to decide it again.
    seat?.overlookChange(() => this.#isPending() && this.#all.decider.isAsBefore(connect, verdict));
    this.#notes.note(verdict, seat ? 'waiting' : 'refused', this.#request?.requestId);
    if (!seat) return this.#refuse(verdict, 'wait');
    const wake = await seat.next();
    if (wake === 'aborted' || wake === 'closing') return this.#refuse(verdict, 'wait');
    return undefined;
  }

  /** The seat of a connect that may wait; undefined where this decision is the last. */
  #sit({ deviceId }: IncomingConnect, { circumstances }: Verdict): Stay['seat'] {
    const { room, holdMs, counts, isClosing } = this.#all;
    this.#stay ??= new Stay({ room, holdMs, signal: this.#signal });
    const hasRoom = isClosing || this.#stay.sit(deviceId, circumstances.facts.remoteIp);
    if (!hasRoom) counts.turnedAway += 1;
    return this.#stay.seat;
  }

  /** Leaves the request for a person; false where so many wait that there is no room for it. */
  async #ask(ask: PairingAsk): Promise<boolean> {
    this.#request ??= await requestWithin(this.#all.store, ask);
    return this.#request !== undefined;
  }

  /** Nobody would see that it waits: it is to come again. */
  #turnAway(verdict: Verdict): Refusal {
    this.#all.counts.turnedAway += 1;
    this.#notes.note(verdict, 'refused', undefined);
    return this.#refuse(verdict, 'crowded');
  }

  #isPending(): boolean {
    const request = this.#request;
    return request === undefined || this.#all.store.pending(request.requestId) !== undefined;
  }

  /** Whether the request is gone before its time; looks at it as it is now. */
  #isRejected(): boolean {
    const { store, decider } = this.#all;
    const given = this.#request;
    this.#request = given && store.pending(given.requestId);
    if (this.#request || !given) return false;
    return given.expiresAt === undefined || decider.now() < given.expiresAt;
  }

  #refuse(verdict: Verdict, advice: RefusedConnect['advice']): Refusal {
    const { decision, kind, circumstances, device } = verdict;
    return refuse({
      decision,
      advice,
      kind,
      device,
      facts: circumstances.facts,
      requestId: this.#request?.requestId,
      grantableScopes: this.#all.grantable.of(verdict),
      changingIdentity: this.#identity,
    });
  }

  readonly #report = (error: unknown): void => {
    const { counts, onError } = this.#all;
    counts.errors += 1;
    try {
      onError?.(error);
    } catch {
      // Whoever is told of a failure cannot make another one of it.
    }
  };

  /** Holds because something failed. What else fails on the way changes nothing. */
  async #fail(error: unknown): Promise<Refusal> {
    // That a client or the gateway goes is no failure.
    if (!(error instanceof ConnectError) || error.advice === 'stop') this.#report(error);
    const verdict = this.#verdict;
    await this.#leaveRequest(verdict).catch(this.#report);
    const requestId = this.#request?.requestId;
    const decision = decideOnFailure(error, this.#all.decider);
    const { record = {}, facts } = this.#connect ?? {};
    const { kind, device, context = { now: decision.at, limits: null } } = verdict ?? {};
    const noted = { record: verdict?.record ?? record, context, decision, requestId };
    this.#notes.writeFailure(noted, this.#report);
    return refuse({
      decision,
      advice: error instanceof ConnectError ? error.advice : 'wait',
      kind,
      device,
      facts,
      requestId,
      changingIdentity: this.#identity,
    });
  }

  /** A person can decide where we could not. */
  async #leaveRequest(verdict: Verdict | undefined): Promise<void> {
    if (this.#request || !verdict?.ask || verdict.kind === 'reconnect') return;
    if (verdict.decision.action === 'deny') return;
    await this.#ask(verdict.ask);
  }
}

/** Another process took the last room of a limit, which is known now: the next decision says so. */
function decideAnew(error: unknown): undefined {
  if (error instanceof PairPolicyError && error.problems[0]?.code === 'LIMIT_SPENT') return;
  throw error;
}
