/** What a first policy is made of, and the policy that comes of it. */
import {
  isDeviceId,
  isPublicKey,
  type Network,
  PairPolicyError,
  parseNetwork,
  startOf,
} from '../../model/index.js';
import { coversFamily, ProblemList, quote } from '../../policy/index.js';
import type { Draft, DraftList } from './init-draft.js';
import {
  blockedDevices,
  device,
  OPERATOR,
  OWN_TAILNET,
  officeNodes,
  ownMachine,
  PLACEHOLDER_DEVICE,
  remoteAdmin,
  remoteUpgrade,
} from './init-rules.js';

/** What a person wants their gateway to do by itself. */
export interface Answers {
  /** Operators on the gateway's own host, by loopback. */
  readonly loopback: boolean;
  /** The same by the host's own tailnet address. */
  readonly tailnet: boolean;
  /** The networks whose headless nodes are let in. */
  readonly office: readonly Network[];
  /** Devices that are refused; empty for a list with a placeholder, absent for none. */
  readonly blocked: readonly string[] | undefined;
}

/** Reads CIDRs as a person writes them. Throws a `PairPolicyError` with every one that is none. */
export function readOffice(texts: readonly string[]): readonly Network[] {
  const problems = new ProblemList();
  const refuse = (text: string, message: string, hint: string) =>
    problems.error('ARGUMENT', startOf('--office'), `${quote(text)} ${message}`, hint);
  const networks = texts.flatMap((text) => {
    const network = parseNetwork(text);
    if (!('fault' in network)) return [network];
    if (network.fault === 'host-bits')
      refuse(text, 'has host bits set', `did you mean \`${network.suggestion}\`?`);
    else refuse(text, 'is neither an address nor a CIDR', 'write it as `192.168.1.0/24`');
    return [];
  });
  if (coversFamily(networks, 4) || coversFamily(networks, 6)) {
    const hint = 'name the networks in which your nodes stand';
    refuse(texts.join(' '), 'covers every address', hint);
  }
  if (problems.hasErrors()) throw new PairPolicyError(problems.sorted());
  return networks;
}

/** Reads devices as a person writes them. Throws a `PairPolicyError` with every one that is none. */
export function readBlocked(devices: readonly string[]): readonly string[] {
  const problems = new ProblemList();
  for (const one of devices) {
    if (isDeviceId(one) || isPublicKey(one)) continue;
    const hint = 'a deviceId is 64 hex digits, a publicKey 43 characters of canonical base64url';
    problems.error('ARGUMENT', startOf('--block-list'), `${quote(one)} is no device`, hint);
  }
  if (problems.hasErrors()) throw new PairPolicyError(problems.sorted());
  return devices;
}

/** The policy that does what the answers say. */
export function draftOfAnswers(answers: Answers): Draft {
  const own = [
    ...(answers.loopback ? ['loopback'] : []),
    ...(answers.tailnet ? ['own-tailnet'] : []),
  ];
  const { office, blocked } = answers;
  return {
    header: [
      'Which devices this gateway pairs by itself. Whatever no rule approves waits for a person.',
      'After an edit: `pair-policy check`, `pair-policy test`, and `pair-policy simulate` on a recording.',
      'The order of the rules does not matter: deny beats hold, hold beats approve.',
    ],
    networks: office.length > 0 ? [officeList(office)] : [],
    devices: blocked ? [blockList(blocked)] : [],
    rules: [
      ...(blocked ? [blockedDevices(blocked[0] ?? PLACEHOLDER_DEVICE)] : []),
      ...(own.length > 0 ? [ownMachine(own)] : []),
      ...(office[0] ? [officeNodes(office[0])] : []),
      remoteAdmin(own, office),
      remoteUpgrade(own, office),
    ],
    given: {
      now: '2026-12-01T09:00:00Z',
      ownAddresses: ['127.0.0.1', ...(answers.tailnet ? [OWN_TAILNET] : [])],
    },
    moreTests: moreTests(answers),
  };
}

function officeList(office: readonly Network[]): DraftList {
  const comment = ['Where the headless nodes stand.'];
  return { comment, name: 'office', members: office.map(({ text }) => text) };
}

function blockList(blocked: readonly string[]): DraftList {
  const comment =
    'Lost, stolen or sold: deviceIds or publicKeys. A deny rule stops paired devices, too.';
  return blocked.length === 0
    ? {
        comment: [comment, 'The zeros are no device: replace them.'],
        name: 'blocked',
        members: [PLACEHOLDER_DEVICE],
      }
    : { comment: [comment], name: 'blocked', members: blocked };
}

function moreTests({ loopback, tailnet }: Answers): Draft['moreTests'] {
  const ask = { ...OPERATOR, kind: 'new-device' };
  const behindProxy = {
    name: 'loopback is not believed when a proxy stands before the gateway',
    connect: device({ remoteIp: '127.0.0.1', forwarded: true, ...ask }),
  };
  const byTailnet = {
    name: "an operator on this machine is let in by the machine's own tailnet address",
    connect: device({ remoteIp: OWN_TAILNET, forwarded: false, ...ask }),
  };
  const paired = {
    name: 'a paired device that asks for nothing new stays paired',
    connect: device({ remoteIp: '203.0.113.9', ...ask, kind: 'reconnect' }),
  };
  return [...(loopback ? [behindProxy] : []), ...(loopback && tailnet ? [byTailnet] : []), paired];
}
