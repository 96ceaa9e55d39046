/** Roles are few: what conditions on them say together is tried out on every set that can be asked for. */
import { ROLES, type Role } from '../../model/index.js';
import type { Condition, SetForms } from '../policy.js';

type RoleCondition = Extract<Condition, { key: 'role' | 'roles' }>;

/** The sets of roles that a connect can ask for: never none. */
const ASKED: readonly (readonly Role[])[] = [...ROLES.map((role) => [role]), ROLES];

/** Whether a condition is on roles, in either spelling. */
export function isOnRoles(condition: Condition): condition is RoleCondition {
  return condition.key === 'role' || condition.key === 'roles';
}

/** The sets of roles for which all of the conditions on roles hold. */
export function possibleRoles(conditions: readonly Condition[]): readonly (readonly Role[])[] {
  const forms = conditions.filter(isOnRoles).map((condition) => condition.forms);
  return ASKED.filter((asked) => forms.every((one) => satisfiesRoles(asked, one)));
}

/** Whether the roles that are asked for are as the forms want them. */
export function satisfiesRoles(asked: readonly Role[], forms: SetForms): boolean {
  const { within, all, any, none } = forms;
  const isAsked = (role: string) => (asked as readonly string[]).includes(role);
  return (
    asked.every((role) => within?.includes(role) ?? true) &&
    (all?.every(isAsked) ?? true) &&
    (any?.some(isAsked) ?? true) &&
    !none?.some(isAsked)
  );
}
