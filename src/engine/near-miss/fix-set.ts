/** Which roles, scopes or commands would have to be asked for, so that a condition comes out as wanted. */
import { compileGlob, KNOWN_SCOPES, ROLES, scopeGrants } from '../../model/index.js';
import type { Condition, SetForms } from '../../policy/index.js';

/** A condition on what is asked for. */
export type SetCondition = Extract<Condition, { key: 'role' | 'roles' | 'scopes' | 'commands' }>;

type List = readonly string[];

/** How many members of a list are tried one by one. */
const MAX_TRIED = 8;
const ROLE_LISTS: readonly List[] = [['node'], ['operator'], [...ROLES]];

/** Lists to ask for instead, the least changed first; not each of them makes the condition true. */
export function listsThatSatisfy(condition: SetCondition, asked: List): readonly List[] {
  const { within, all = [], any = [], none = [] } = formsOf(condition);
  const includes = inclusionOf(condition);
  const isGranted = (member: string, listed: string) =>
    condition.key === 'scopes' ? scopeGrants(listed, member) : includes(member, listed);
  const isAllowed = (member: string) =>
    (!within || within.some((listed) => isGranted(member, listed))) &&
    !none.some((listed) => includes(member, listed));
  // Of what is asked for that which may be; else what comes with it and may be; else nothing.
  const allowed = asked.filter(isAllowed);
  const lesser = within?.filter((listed) => asked.some((member) => includes(member, listed)));
  const starts = [...(allowed.length > 0 ? [allowed] : []), lesser ?? [], []];
  const additions = [[], ...any.slice(0, MAX_TRIED).map((one) => [one])];
  const lists = starts.flatMap((start) =>
    additions.map((one) => [...new Set([...start, ...[...all, ...one].map(textOf)])]),
  );
  return isOfRoles(condition) ? [...lists, ...ROLE_LISTS] : lists;
}

/** Lists to ask for instead, the least changed first; not each of them makes the condition false. */
export function listsThatDefy(condition: SetCondition, asked: List): readonly List[] {
  if (isOfRoles(condition)) return ROLE_LISTS;
  const { any = [], all = [] } = formsOf(condition);
  const includes = inclusionOf(condition);
  const without = (listed: List) =>
    asked.filter((member) => !listed.some((one) => includes(member, one)));
  const more = condition.key === 'scopes' ? KNOWN_SCOPES.map((scope) => [...asked, scope]) : [];
  return [without(any), ...all.slice(0, MAX_TRIED).map((one) => without([one])), [], ...more];
}

function formsOf({ forms }: SetCondition): SetForms {
  return forms === 'anything' ? {} : forms;
}

function isOfRoles({ key }: SetCondition): boolean {
  return key === 'role' || key === 'roles';
}

/** Whether a member that is asked for includes a listed one. */
function inclusionOf({ key }: SetCondition): (member: string, listed: string) => boolean {
  if (key === 'scopes') return scopeGrants;
  if (key === 'commands') return (member, listed) => compileGlob(listed)(member);
  return (member, listed) => member === listed;
}

/** A text that a listed command, which may be a glob, matches. */
function textOf(listed: string): string {
  return listed.replaceAll('*', '');
}
