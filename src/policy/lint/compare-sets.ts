/** What can be said of the forms of a set (`within`, `all`, `any`, `none`) without any connect at hand. */
import { scopeGrants } from '../../model/index.js';
import type { SetForms } from '../policy.js';
import { globCovers, globsOverlap } from './compare-globs.js';
import type { Effort } from './effort.js';

/** How the listed members of one kind of set stand to each other. Each may be false where it cannot be told. */
export interface SetAlgebra {
  /** All that `b` grants is granted by `a`. */
  grantsAll(a: string, b: string): boolean;
  /** Whatever answers to `a` answers to `b`. */
  answers(a: string, b: string): boolean;
  /** Nothing that `a` grants answers to `b`. */
  isApart(a: string, b: string): boolean;
}

/** Scopes: what grants another one also grants what that one grants. */
export const SCOPES: SetAlgebra = {
  grantsAll: scopeGrants,
  answers: scopeGrants,
  isApart: (a, b) => !scopeGrants(a, b),
};

/** Commands: a listed glob grants the commands that it matches, and these answer to it. */
export const COMMANDS: SetAlgebra = {
  grantsAll: globCovers,
  answers: (a, b) => globCovers(b, a),
  isApart: (a, b) => !globsOverlap(a, b),
};

/** Whether a set that satisfies the forms may include what answers to `listed`. */
function mayAnswer(algebra: SetAlgebra, { within, none }: SetForms, listed: string): boolean {
  return (
    (!within || within.some((granting) => !algebra.isApart(granting, listed))) &&
    !none?.some((refused) => algebra.answers(listed, refused))
  );
}

/** Whether no set of asked members satisfies all of the forms at once. */
export function isImpossible(
  algebra: SetAlgebra,
  forms: readonly SetForms[],
  effort: Effort,
): boolean {
  if (!effort.spend(costOf(forms, forms))) return false;
  const isRuledOut = (listed: string) => forms.some((one) => !mayAnswer(algebra, one, listed));
  return forms.some(({ all, any }) => all?.some(isRuledOut) || any?.every(isRuledOut));
}

/** Whether every set of asked members that satisfies `given` satisfies `wanted`. */
export function formsImply(
  algebra: SetAlgebra,
  given: SetForms,
  wanted: SetForms,
  effort: Effort,
): boolean {
  if (!effort.spend(costOf([given], [wanted]))) return false;
  const { grantsAll, answers, isApart } = algebra;
  const isAnswered = (options: readonly string[]) => {
    const hits = (member: string) => options.some((option) => answers(member, option));
    return given.all?.some(hits) || given.any?.every(hits) || false;
  };
  const { within, all, any, none } = wanted;
  return (
    (!within ||
      given.within?.every((inner) => within.some((outer) => grantsAll(outer, inner))) === true) &&
    (all?.every((listed) => isAnswered([listed])) ?? true) &&
    (!any || isAnswered(any)) &&
    (none?.every(
      (refused) =>
        given.none?.some((other) => answers(refused, other)) ||
        given.within?.every((granting) => isApart(granting, refused)),
    ) ??
      true)
  );
}

/** Each member of one side is held against the characters of the other. */
function costOf(a: readonly SetForms[], b: readonly SetForms[]): number {
  const members = (forms: readonly SetForms[]) => forms.flatMap((one) => Object.values(one).flat());
  return members(a).length * members(b).reduce((sum, member: string) => sum + member.length, 1);
}
