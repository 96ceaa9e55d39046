/** A running gateway: which of its settings decide what ever reaches the policy. */
import { type Problem, type ProblemCode, type Severity, startOf } from '../../model/index.js';
import { type GatewayFindings, GatewayKnowledge } from '../../openclaw/index.js';
import type { ProblemList } from '../../policy/index.js';
import { openGateway } from '../gateway/open-gateway.js';
import type { Terminal } from '../terminal.js';
import type { DoctorOptions } from './doctor-options.js';

/** Adds what its settings and its release mean for a policy beside it. Throws with a code of `GATEWAY_…`. */
export async function examineGateway(
  options: DoctorOptions & { readonly gateway: string },
  terminal: Terminal,
  problems: ProblemList,
): Promise<void> {
  const { link, store } = await openGateway(options, terminal);
  const knowledge = new GatewayKnowledge({ link, hostAddresses: () => undefined });
  const stop = knowledge.on('found', (findings) =>
    problems.addAll(explainFindings(options.gateway, findings)),
  );
  try {
    if (link.hello) await knowledge.learn(link.hello);
  } finally {
    stop();
    await knowledge.close();
    await store.close();
  }
}

/** The ways past the policy that a gateway has unless it is told otherwise. */
const BY_DEFAULT: readonly string[] = ['autoApproveLocal', 'sshVerify'];

function explainFindings(url: string, findings: GatewayFindings): readonly Problem[] {
  const { settings, bypasses, weaknesses, lacks } = findings;
  const say = (severity: Severity, code: ProblemCode, message: string, hint: string): Problem => ({
    ...startOf(url),
    severity,
    code,
    message,
    hint,
  });
  return [
    ...weaknesses.map(({ id, fixedIn, what }) =>
      say(
        'warning',
        'GATEWAY_WEAKNESS',
        `this release may have ${id}: ${what}`,
        `update to ${fixedIn} or later`,
      ),
    ),
    ...bypasses.map(({ by, what, advice }) =>
      say(BY_DEFAULT.includes(by) ? 'note' : 'warning', 'GATEWAY_BYPASS', `${by}: ${what}`, advice),
    ),
    ...explainTrust(findings).map(([severity, message, hint]) =>
      say(severity, 'GATEWAY_ADDRESSES', message, hint),
    ),
    ...(settings.trustedProxies === undefined
      ? [
          say(
            'note',
            'GATEWAY_SETTINGS',
            'the gateway does not tell its settings: what is said here supposes the worst',
            'log in with `operator.read` or the shared token over loopback',
          ),
        ]
      : []),
    ...(lacks.length === 0
      ? []
      : [
          say(
            'warning',
            'GATEWAY_SCOPE',
            `our login lacks ${lacks.join(', ')}: some approvals will be refused`,
            'log in with the shared token or password over loopback',
          ),
        ]),
  ];
}

function explainTrust({ settings, trust }: GatewayFindings): readonly [Severity, string, string][] {
  const list = settings.trustedProxies?.join(', ') ?? '';
  if (trust === 'forgeable') {
    const message = `trustedProxies (${list}): whoever is on the gateway’s host, or the client itself, can make an address up, so \`from\` is unknown for every connect`;
    return [
      [
        'warning',
        message,
        'name only the addresses of proxies on other hosts, and update a release before 2026.3.22',
      ],
    ];
  }
  if (trust === 'direct' || settings.trustedProxies === undefined) return [];
  const message = `an address may come from a proxy (trustedProxies: ${list || 'none'}), so \`forwarded\` is unknown`;
  return [['note', message, 'rules with `forwarded: false` hold here']];
}
