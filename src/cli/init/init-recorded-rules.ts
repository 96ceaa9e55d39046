/** Groups of approved connects become rules. */
import { KNOWN_SCOPES, scopeGrants, visible } from '../../model/index.js';
import { plural } from '../render/show-value.js';
import type { Draft, DraftRule, Fields } from './init-draft.js';
import type { Bound, Group } from './init-groups.js';
import type { LeftOut } from './init-samples.js';

const WHO: Readonly<Record<string, string>> = { operator: 'an operator', node: 'a node' };

/** The policy of these groups; what it leaves out is said at its head. */
export function draftOfGroups(groups: readonly Group[], leftOut: readonly LeftOut[]): Draft {
  const members = groups.flatMap((group) => group.members);
  const own = members.flatMap(({ sample }) => sample.circumstances.ownAddresses ?? []);
  return {
    header: [
      'What a person had approved in recordings, as the narrowest rules. Whatever no rule approves waits for a person.',
      'Each rule is for what was seen and no more: widen it where you mean more, then `pair-policy simulate` shows what',
      'that changes. `clientMode` is what a client says of itself: the address and the device are what bounds these.',
      ...leftOut.map(
        ({ reason, connects, file, line }) =>
          `Not covered: ${plural(connects, 'connect')}, the first at ${visible(`${file}:${line}: ${reason}`)}.`,
      ),
    ],
    networks: [],
    devices: [],
    // The first rule that is true is named: the narrower ones come first.
    rules: [...groups].sort((a, b) => breadthOf(a) - breadthOf(b)).map(ruleOfGroup),
    given: {
      now: '2026-12-01T09:00:00Z',
      ownAddresses: [...new Set(own.map(({ text }) => text))],
    },
    moreTests: [],
  };
}

/** The rule that approves a group. */
export function ruleOfGroup(group: Group): DraftRule {
  const { id, members } = group;
  const [first] = members;
  if (!first) throw new Error('a group has members');
  const connects = members.reduce((sum, { sample }) => sum + sample.connects, 0);
  const devices = new Set(members.map(({ sample }) => sample.circumstances.facts.deviceId));
  const { file, line } = first.sample;
  return {
    id,
    comment: [
      `${plural(connects, 'connect')} of ${plural(devices.size, 'device')}; the first is ${visible(`${file}:${line}`)}.`,
      ...(grantsAdmin(first)
        ? ['This gives full control, or the right to pair others: is a rule to do that?']
        : []),
    ],
    description: `${whoIs(first)}, as a person had approved`,
    action: 'approve',
    when: conditionsOf(group, first),
    example: { subject: subjectOf(first), connect: exampleOf(first) },
  };
}

function conditionsOf({ members, isStrict }: Group, first: Bound): Fields {
  const { clientMode, kind } = first.sample.circumstances.facts;
  const { roles, scopes, commands } = first;
  const devices = devicesOf(members);
  const pins =
    devices !== undefined && (devices.length === 1 || isStrict || first.from === undefined);
  const set = (asked: readonly string[]) => ({
    within: asked,
    ...(isStrict && asked.length > 0 && { all: asked }),
  });
  return {
    ...(pins && { device: oneOrList(devices) }),
    ...(first.from !== undefined && { from: oneOrList(unique(members.map(({ from }) => from))) }),
    ...(roles.length === 1 ? { role: roles[0] } : { roles: { within: roles, all: roles } }),
    ...(clientMode !== undefined && { clientMode }),
    ...(kind && { kind }),
    scopes: set(scopes),
    ...(commands.length > 0 && { commands: set(commands) }),
  };
}

/** The devices of a group; undefined where one of them is not known. */
function devicesOf(members: readonly Bound[]): readonly string[] | undefined {
  const ids = members.map(({ sample }) => sample.circumstances.facts.deviceId);
  return ids.includes(undefined) ? undefined : unique(ids);
}

function unique(texts: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(texts.filter((text) => text !== undefined))];
}

function oneOrList(list: readonly string[]): string | readonly string[] | undefined {
  return list.length === 1 ? list[0] : list;
}

function whoIs({ roles, sample }: Bound): string {
  const { kind } = sample.circumstances.facts;
  const who = roles.length === 1 ? WHO[roles[0] ?? ''] : 'an operator and node';
  return kind ? `${who} (${kind})` : `${who}`;
}

function subjectOf(bound: Bound): string {
  const { remoteIp } = bound.sample.circumstances.facts;
  return remoteIp ? `${whoIs(bound)} from ${remoteIp.text}` : whoIs(bound);
}

/** The facts of a connect that a rule of ours reads, as a record has them. */
function exampleOf({ sample, roles, scopes, commands }: Bound): Fields {
  const { deviceId, remoteIp, forwarded, clientMode, kind } = sample.circumstances.facts;
  return {
    ...(deviceId && { deviceId }),
    ...(remoteIp && { remoteIp: remoteIp.text }),
    ...(forwarded !== undefined && { forwarded }),
    ...(roles.length === 1 ? { role: roles[0] } : { roles }),
    ...(clientMode !== undefined && { clientMode }),
    ...(kind && { kind }),
    scopes,
    // Where the kind says that no commands are declared, the record need not.
    ...((commands.length > 0 || !kind || kind === 'node-commands') && { commands }),
  };
}

function grantsAdmin({ scopes }: Bound): boolean {
  const powers = ['operator.admin', 'operator.pairing'];
  return scopes.some((scope) => powers.some((power) => scopeGrants(scope, power)));
}

/** A rule that approves all that another one does has the greater breadth. */
function breadthOf({ members: [first] }: Group): number {
  if (!first) return 0;
  const { clientMode, kind } = first.sample.circumstances.facts;
  const open = [clientMode, kind, first.from].filter((fact) => fact === undefined).length;
  const granted = KNOWN_SCOPES.filter((known) =>
    first.scopes.some((scope) => scopeGrants(scope, known)),
  );
  return open * 10_000 + new Set([...first.scopes, ...granted]).size + first.commands.length;
}
