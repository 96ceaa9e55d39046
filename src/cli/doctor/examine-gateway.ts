/** A running gateway: which of its settings decide what ever reaches the policy. */
import { startOf } from '../../model/index.js';
import { GatewayKnowledge } from '../../openclaw/index.js';
import type { ProblemList, Rule } from '../../policy/index.js';
import { explainFindings } from '../gateway/explain-findings.js';
import { openGateway } from '../gateway/open-gateway.js';
import type { Terminal } from '../terminal.js';
import type { DoctorOptions } from './doctor-options.js';

/** Adds what its settings and its release mean for a policy beside it. Throws with a code of `GATEWAY_…`. */
export async function examineGateway(
  options: DoctorOptions & { readonly gateway: string },
  terminal: Terminal,
  rules: readonly Rule[],
  problems: ProblemList,
): Promise<void> {
  const { link, store } = await openGateway(options, terminal);
  const knowledge = new GatewayKnowledge({ link, hostAddresses: () => undefined });
  const stop = knowledge.on('found', (findings) =>
    problems.addAll(
      explainFindings(findings, rules).map(({ rule, ...said }) => ({
        ...(rule?.place ?? startOf(options.gateway)),
        ...said,
      })),
    ),
  );
  try {
    if (link.hello) await knowledge.learn(link.hello);
  } finally {
    stop();
    await knowledge.close();
    await store.close();
  }
}
