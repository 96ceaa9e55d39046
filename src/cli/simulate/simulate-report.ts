/** What a simulation came to, and whether that is a failure: the one source of all its formats. */
import type { Changes, SimulationReport } from '../../simulate/index.js';
import { plural } from '../render/show-value.js';
import type { SimulateOutput } from '../schemas/simulate-output.js';
import type { SimulateCheck } from './simulate-options.js';

/** What a report needs to know besides the replay itself. */
export interface ReportContext {
  readonly revision: string;
  /** The policy that was compared with, as it was named. */
  readonly against: { readonly name: string; readonly revision: string } | undefined;
  readonly failOn: ReadonlySet<SimulateCheck>;
  /** Whether there is nothing to report on, or what is there must not be used. */
  readonly isBadInput: boolean;
}

/** The whole report, as `--format json` prints it. */
export function toSimulateOutput(
  report: SimulationReport,
  { revision, against, failOn, isBadInput }: ReportContext,
): SimulateOutput {
  const { connects, actions, decisions, changes, ...rest } = report;
  const failed = findFailures(report, failOn);
  return {
    ok: failed.length === 0 && !isBadInput,
    failed,
    revision,
    connects,
    actions,
    decisions,
    ...rest,
    changes:
      against && changes ? { against: against.name, revision: against.revision, ...changes } : null,
  };
}

/** What `--fail-on` compares with: the other policy, else what the records say that they got. */
export function baselineOf(report: SimulationReport): Changes {
  return report.changes ?? report.outcomes;
}

function findFailures(
  report: SimulationReport,
  failOn: ReadonlySet<SimulateCheck>,
): SimulateOutput['failed'] {
  const baseline = baselineOf(report);
  const counts: readonly (readonly [SimulateCheck, number])[] = [
    ['newly-approved', baseline.newlyApproved],
    ['newly-denied', baseline.newlyDenied],
    ['changed', baseline.changed],
    ['unmatched', report.unmatched.connects],
    ['unexpected', report.expectations.failedCount],
  ];
  return counts.flatMap(([check, connects]) =>
    // An expectation is a check by itself.
    connects > 0 && (check === 'unexpected' || failOn.has(check)) ? [{ check, connects }] : [],
  );
}

/** The line that sums up, the last of every report. */
export function summaryLine({ connects, actions, expectations, badCount }: SimulateOutput): string {
  const { approve, hold, deny } = actions;
  return [
    `${plural(connects, 'connect')}: ${approve} approve, ${hold} hold, ${deny} deny`,
    `${plural(expectations.failedCount, 'expectation')} failed`,
    plural(badCount, 'bad line'),
  ].join('; ');
}

/** How a fact that is unknown in the records can be filled in. */
export function howToFill(fact: string): string {
  return FILLS[fact] ?? `--given ${fact}=VALUE`;
}

const NOT_ONE_VALUE = 'no one value fits all connects: the recording must have it';

const FILLS: Readonly<Record<string, string>> = {
  now: '--now TIME',
  ts: NOT_ONE_VALUE,
  ownAddresses: '--own-address IP (or none)',
  forwarded: '--given forwarded=false (if the gateway trusts no proxy)',
  kind: '--given kind=new-device',
  scopes: "--given 'scopes=[]'",
  commands: "--given 'commands=[]'",
  deviceId: NOT_ONE_VALUE,
  publicKey: NOT_ONE_VALUE,
  remoteIp: NOT_ONE_VALUE,
};
