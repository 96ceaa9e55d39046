/** One value, or a list of alternatives. */
export type OneOrMany<T> = T | T[];

/** The four forms of a condition on a set of roles, scopes or commands; several of them must all hold. */
export interface PlainSetForms {
  within?: string[];
  all?: string[];
  any?: string[];
  none?: string[];
}

/** The value of the condition `time`. */
export interface PlainTimeCondition {
  days?: OneOrMany<string>;
  between?: string;
  zone?: string;
}

/** The conditions of one `when` or `unless`, by key. */
export interface PlainConditions {
  from?: OneOrMany<string>;
  clientId?: OneOrMany<string>;
  platform?: OneOrMany<string>;
  deviceFamily?: OneOrMany<string>;
  displayName?: OneOrMany<string>;
  browserOrigin?: OneOrMany<string>;
  authUser?: OneOrMany<string>;
  gateway?: OneOrMany<string>;
  clientMode?: OneOrMany<string>;
  kind?: OneOrMany<string>;
  authMethod?: OneOrMany<string>;
  role?: OneOrMany<string>;
  roles?: PlainSetForms;
  scopes?: PlainSetForms | 'any-scopes';
  commands?: PlainSetForms | 'any-commands';
  device?: OneOrMany<string>;
  forwarded?: boolean;
  time?: PlainTimeCondition;
  logic?: unknown;
}

/** What a limit counts by. */
export type PlainLimitBy = 'rule' | 'remoteIp' | 'deviceId' | 'authUser';

/** The `limit` of an approve rule. */
export interface PlainLimit {
  max: number;
  per?: string;
  by?: PlainLimitBy;
}

/** Approve, hold or deny. */
export type PlainAction = 'approve' | 'hold' | 'deny';

/** One rule as it is written. */
export interface PlainRule {
  id: string;
  description?: string;
  action: PlainAction;
  reason?: string;
  when: PlainConditions;
  unless?: PlainConditions;
  limit?: PlainLimit;
  /** ISO 8601, or ms since the epoch. */
  expires?: string | number;
}

/** A valid policy, as a YAML 1.2 parse gives it. */
export interface PlainPolicy {
  version: 1;
  default?: 'hold' | 'deny';
  networks?: Record<string, OneOrMany<string>>;
  devices?: Record<string, OneOrMany<string>>;
  rules?: PlainRule[];
  given?: unknown;
  tests?: unknown;
}

/** One approval that counts against a limit: when it was acted on, and what was asked for (null where that was not known). */
export interface PlainLimitEntry {
  at: number;
  ask: string | null;
}

/** The state of all limits: the approvals by rule id and by what the limit counts by. */
export type PlainLimits = Record<string, Record<string, PlainLimitEntry[]>>;

/** What the caller passes beside the record; `now` in milliseconds since the epoch. */
export interface PlainContext {
  now?: number;
  ownAddresses?: string[];
  limits?: PlainLimits;
}
