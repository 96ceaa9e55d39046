import type { ProblemCode } from '../../model/index.js';

/** Why each lint is there, for whoever meets it in a report. */
export const LINT_REASONS = {
  NEVER_TRUE:
    'Its conditions contradict each other, or its `unless` exempts all that its `when` matches. Such a rule is mostly a slip, and a deny rule that matches nothing stops nobody.',
  NEVER_DECIDES:
    'Deny beats hold and hold beats approve, whatever the order. Where a more restrictive rule matches all that this one matches, this one changes no decision.',
  EXPIRED:
    'A rule at or past `expires` matches nothing. It misleads whoever reads the policy and thinks that it still does.',
  APPROVE_FROM_ANYWHERE:
    'An address on the public internet, or no address at all, says nothing about who connects. Only `device` and `authUser` hold facts that the gateway has verified.',
  APPROVE_GRANTS_ADMIN:
    '`operator.admin` includes every other operator scope, `operator.pairing` lets a device pair further ones, and `system.run` runs any program on the node. A gateway grants what was asked for as a whole, so that a rule that can grant these gives full control to whatever it matches.',
  APPROVE_COMMANDS_OPEN:
    'Without `within`, `commands` approves every command that it does not rule out, those of later releases included.',
  SELF_ASSERTED_BOUND:
    'A client id, a mode, a platform or a name is whatever the client sends. In an approve rule it keeps honest clients in order, and keeps nobody out who has an address that the rule trusts.',
  SELF_ASSERTED_GUARD:
    'A client id, a mode, a platform or a name is whatever the client sends, and it can send something else on its next try. A deny, a hold or an exemption that rests on it can be dodged.',
  DENY_EXPIRES:
    'When a deny rule ends, what it denied is decided by the other rules, on a day on which nobody may look.',
  OWN_ADDRESS_PITFALL:
    "The host's own addresses belong to every user and container on it, and to clients that are translated to them on the way. With `tailscaled` in userspace mode the host has no tailnet address at all.",
  TAILNET_PITFALL:
    'Tailscale takes its addresses from 100.64.0.0/10, which carriers and clouds use for their customers, too.',
  BRIDGE_NETWORK:
    'Behind a published container port, or a proxy on the same host that adds no header, every client has the address of the bridge or of loopback, wherever it really is.',
  UNUSED_NAME:
    'A named list that no rule uses has no effect. It may be misspelt where it is meant.',
  UNKNOWN_SCOPE:
    'A scope that OpenClaw does not know is compared letter by letter and implies nothing. It may be misspelt, or newer than this program.',
  UNKNOWN_CLIENT_MODE:
    'No release of OpenClaw up to the newest that this program knows sends this client mode. It may be misspelt.',
  UNTESTED_RULE: 'A rule that no test expects can be broken by an edit without anybody noticing.',
} as const satisfies Partial<Record<ProblemCode, string>>;
