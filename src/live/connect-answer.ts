/** What a connect is answered, in the words of the gateway's protocol. */
import type { Decision } from '../model/index.js';
import type { PairedDevice } from './pairing-store.js';

/** A decision that was taken live: by which state of the policy, and when. */
export interface LiveDecision extends Decision {
  /** Counts the policies that were in force since the start: 1 is the first. */
  readonly generation: number;
  /** When it was taken, in ms since the epoch. */
  readonly at: number;
}

/** What becomes of a connect. */
export type ConnectAnswer = Admission | Refusal;

/** The device is paired for what it asks for: send hello-ok. */
export interface Admission {
  readonly admitted: true;
  readonly decision: LiveDecision;
  readonly device: PairedDevice;
  /** Of the commands that a node declares, those that are approved; the others it must not be sent. */
  readonly commands: readonly string[];
  /** What was decided of commands that are not approved yet. */
  readonly commandsDecision: LiveDecision | undefined;
}

/** The device is not let in: send the error, then close. */
export interface Refusal {
  readonly admitted: false;
  readonly decision: LiveDecision;
  readonly error: {
    readonly code: 'NOT_PAIRED';
    readonly message: string;
    readonly details: RefusalDetails;
  };
  readonly close: {
    readonly code: 1008;
    /** At most 120 bytes of UTF-8, cut on a character. */
    readonly reason: string;
  };
}

/** The details of `NOT_PAIRED` as the gateway's clients read them, and in `policy` what only we can tell. */
export interface RefusalDetails {
  readonly code: 'PAIRING_REQUIRED';
  readonly reason: 'not-paired' | 'role-upgrade' | 'scope-upgrade' | 'metadata-upgrade';
  readonly requestId?: string;
  readonly deviceId?: string;
  readonly remediationHint: string;
  readonly recommendedNextStep?: 'wait_then_retry';
  readonly retryable: boolean;
  readonly pauseReconnect: boolean;
  readonly requestedRole?: string;
  readonly requestedScopes?: readonly string[];
  readonly approvedRoles?: readonly string[];
  readonly approvedScopes?: readonly string[];
  readonly policy: {
    readonly action: Decision['action'];
    readonly rule: string | null;
    readonly cause: Decision['cause'];
    readonly missing: readonly string[];
    readonly revision: string;
    readonly generation: number;
    /** The scopes that an approve rule would grant to this connect, where it asks for more than any does. */
    readonly grantableScopes?: readonly string[];
    /** Set where the client seems to be one whose device id changes on every start. */
    readonly changingIdentity?: string;
  };
}
