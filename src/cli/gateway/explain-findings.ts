/** What a gateway's settings and release mean for the policy beside it, in words for a person. */
import type { Problem } from '../../model/index.js';
import { findNeverTrue, type GatewayFindings } from '../../openclaw/index.js';
import type { Rule } from '../../policy/index.js';

/** One finding; where it stands is for the caller to say. */
export type Explained = Pick<Problem, 'severity' | 'code' | 'message' | 'hint'> & {
  /** The rule that it is about. */
  readonly rule?: Rule;
};

/** The ways past the policy that a gateway has unless it is told otherwise. */
const BY_DEFAULT: readonly string[] = ['autoApproveLocal', 'sshVerify'];

/** All that is worth to be said of them, and of the rules of the policy that can never be true there. */
export function explainFindings(
  findings: GatewayFindings,
  rules: readonly Rule[],
): readonly Explained[] {
  const { settings, bypasses, weaknesses, lacks, untold } = findings;
  return [
    ...weaknesses.map(
      ({ id, fixedIn, what }): Explained => ({
        severity: 'warning',
        code: 'GATEWAY_WEAKNESS',
        message: `this release may have ${id}: ${what}`,
        hint: `update to ${fixedIn} or later`,
      }),
    ),
    ...bypasses.map(
      ({ by, what, advice }): Explained => ({
        severity: BY_DEFAULT.includes(by) ? 'note' : 'warning',
        code: 'GATEWAY_BYPASS',
        message: `past the policy, ${by}: ${what}`,
        hint: advice,
      }),
    ),
    ...explainTrust(findings),
    ...(settings.trustedProxies === undefined ? [SETTINGS_UNKNOWN] : []),
    ...(lacks.length === 0 ? [] : [explainLacks(lacks)]),
    ...findNeverTrue(rules, untold).map(
      ({ rule, facts }): Explained => ({
        severity: 'warning',
        code: 'NEVER_TRUE',
        message: `the rule \`${rule.id}\` can never be true beside this gateway: its requests do not tell ${facts.map((fact) => `\`${fact}\``).join(', ')}`,
        hint: HINTS[rule.action],
        rule,
      }),
    ),
  ];
}

const HINTS = {
  approve: 'nothing is approved by it; ask for something else',
  hold: 'what it may be about is never approved; ask for something else, or remove it',
  deny: 'it denies nothing, and what it may be about is never approved; ask for something else, or remove it',
} as const;

const SETTINGS_UNKNOWN: Explained = {
  severity: 'note',
  code: 'GATEWAY_SETTINGS',
  message: 'the gateway does not tell its settings: what is said here supposes the worst',
  hint: 'log in with `operator.read` or the shared token over loopback',
};

function explainLacks(lacks: readonly string[]): Explained {
  return {
    severity: 'warning',
    code: 'GATEWAY_SCOPE',
    message: `our login lacks ${lacks.join(', ')}: some approvals will be refused`,
    hint: 'log in with the shared token or password over loopback',
  };
}

function explainTrust({ settings, trust }: GatewayFindings): readonly Explained[] {
  const code = 'GATEWAY_ADDRESSES';
  const list = settings.trustedProxies?.join(', ') ?? 'not known';
  if (trust === 'forgeable') {
    const message = `trustedProxies (${list}): whoever is on the gateway’s host, or the client itself, can make an address up, so \`from\` is unknown for every connect`;
    const hint =
      'name only the addresses of proxies on other hosts, and update a release before 2026.3.31: where loopback is named, such a one asks that our own login be approved, too';
    return [{ severity: 'warning', code, message, hint }];
  }
  if (trust === 'direct') return [];
  const message = `an address may come from a proxy (trustedProxies: ${list || 'none'}), so \`forwarded\` is unknown`;
  return [{ severity: 'note', code, message, hint: 'rules with `forwarded: false` hold here' }];
}
