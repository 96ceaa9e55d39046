/** One connect, from its coming to its answer. */
import { PairPolicyError } from '../model/index.js';
import type { ConnectAnswer, Refusal } from './connect-answer.js';
import { decideOnFailure } from './decide-on-failure.js';
import { DecisionNotes } from './decision-notes.js';
import { dropRequests } from './drop-requests.js';
import { ConnectError, type IncomingConnect, readIncoming } from './incoming-connect.js';
import type { Verdict } from './live-decider.js';
import { settleCommands } from './node-commands.js';
import { OwnRequest } from './own-request.js';
import { type RefusedConnect, refuse } from './refuse.js';
import { Stay } from './stay.js';
import type { Leaving, VisitSurroundings } from './visit-surroundings.js';

/** A decision that was overtaken so often is a fault of the store or the policy. */
const MAX_TURNS = 16;

/** Decides one connect until there is an answer. */
export class Visit {
  readonly #all: VisitSurroundings;
  readonly #notes: DecisionNotes;
  readonly #request: OwnRequest;
  #connect: IncomingConnect | undefined;
  #signal: AbortSignal | undefined;
  #verdict: Verdict | undefined;
  #stay: Stay | undefined;
  #identity: string | undefined;
  /** When it came, or was woken. */
  #since = performance.now();

  constructor(all: VisitSurroundings) {
    this.#all = all;
    this.#notes = new DecisionNotes({ ...all, tookMs: () => performance.now() - this.#since });
    this.#request = new OwnRequest(all.store);
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
    this.#request.forget();
    return this.#refuse(verdict, 'stop');
  }

  async #admit(connect: IncomingConnect, verdict: Verdict): Promise<ConnectAnswer | undefined> {
    const { approvals, store, decider } = this.#all;
    const { kind, decision } = verdict;
    if (this.#signal?.aborted) throw new ConnectError('the client has gone', 'wait');
    const known = kind === 'reconnect' ? verdict.device : undefined;
    const busy = known ? undefined : approvals.busyWith(connect.deviceId);
    if (busy) {
      await busy;
      return undefined;
    }
    const paired =
      known ??
      (await approvals.act(verdict, connect.deviceId, (device) =>
        decider.isMeant(connect, verdict, device),
      ));
    const options = { ...this.#all, onError: this.#report };
    const settled = await settleCommands(connect, paired, options);
    if (!settled || !decider.stands(connect, verdict, settled.device)) return undefined;
    if (known) store.noteSeen(connect.deviceId, decision.at);
    const { commands, device, verdict: other, requestId } = settled;
    this.#notes.note(verdict, 'admitted', undefined);
    if (other) this.#notes.note(other, 'admitted', requestId);
    return { admitted: true, decision, device, commands, commandsDecision: other?.decision };
  }

  async #hold(connect: IncomingConnect, verdict: Verdict): Promise<Refusal | undefined> {
    // What is paired asks for nothing that a person could approve.
    const ask = verdict.kind === 'reconnect' ? undefined : verdict.ask;
    if (ask && this.#request.isRejected(this.#all.decider.now()))
      return this.#refuse(verdict, 'rejected');
    // INVARIANT: the seat is taken before anything is waited for; else a change in between would wake nobody.
    const seat = this.#sit(connect, verdict);
    if (!ask) this.#request.forget();
    else if (!(await this.#request.ask(ask))) return this.#turnAway(verdict);
    // That its own request is there now is no reason to decide it again.
    seat?.overlookChange(() => this.#isAsDecided(connect, verdict));
    this.#notes.note(verdict, seat ? 'waiting' : 'refused', this.#request.id);
    if (!seat) return this.#refuse(verdict, 'wait');
    const wake = await seat.next();
    this.#since = performance.now();
    if (wake === 'aborted' || wake === 'closing') return this.#refuse(verdict, 'wait');
    return undefined;
  }

  #isAsDecided(connect: IncomingConnect, verdict: Verdict): boolean {
    return this.#request.isUndecided() && this.#all.decider.isAsBefore(connect, verdict);
  }

  /** The seat of a connect that may wait; undefined where this decision is the last. */
  #sit({ deviceId }: IncomingConnect, { circumstances }: Verdict): Stay['seat'] {
    const { room, holdMs, counts, isClosing } = this.#all;
    this.#stay ??= new Stay({ room, holdMs, signal: this.#signal });
    const hasRoom = isClosing || this.#stay.sit(deviceId, circumstances.facts.remoteIp);
    if (!hasRoom) counts.turnedAway += 1;
    return this.#stay.seat;
  }

  /** Nobody would see that it waits: it is to come again. */
  #turnAway(verdict: Verdict): Refusal {
    this.#all.counts.turnedAway += 1;
    this.#notes.note(verdict, 'refused', undefined);
    return this.#refuse(verdict, 'crowded');
  }

  #refuse(verdict: Verdict, advice: RefusedConnect['advice']): Refusal {
    const { decision, kind, circumstances, device } = verdict;
    return refuse({
      decision,
      advice,
      kind,
      device,
      facts: circumstances.facts,
      requestId: this.#request.id,
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
    const requestId = this.#request.id;
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
    if (this.#request.id !== undefined || !verdict?.ask || verdict.kind === 'reconnect') return;
    if (verdict.decision.action === 'deny') return;
    await this.#request.ask(verdict.ask);
  }
}

/**
 * Another process took the last room of a limit, or what was decided by changed before the device was paired: both are
 * known now, and the next decision says so.
 */
function decideAnew(error: unknown): undefined {
  const code = error instanceof PairPolicyError ? error.problems[0]?.code : undefined;
  if (code === 'LIMIT_SPENT' || code === 'REQUEST_CHANGED') return;
  throw error;
}
