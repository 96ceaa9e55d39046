/** Commands: nearly every connect declares none, so that case is a row; others are evaluated. */
import type { Circumstances } from '../../model/index.js';
import { denseSet, fullSet } from './bits.js';
import { type Bound, type Dimension, unbound } from './dimension.js';

/** Makes the dimension of the commands. */
export function commandDimension(bounds: readonly Bound[], size: number): Dimension {
  const free = unbound(bounds, size);
  const none = { facts: { commands: [] } } as unknown as Circumstances;
  const some = { facts: { commands: ['\u0000'] } } as unknown as Circumstances;
  const holding = (circumstances: Circumstances, kept: readonly Bound[]) =>
    kept.filter(({ conditions }) =>
      conditions.every((one) => one.evaluate(circumstances) === true),
    );
  const numbers = (kept: readonly Bound[]) => kept.map(({ rule }) => rule);
  const open = bounds.filter(({ conditions }) => !conditions.every(allowsNothing));
  const full = fullSet(size);
  const base = denseSet(size, free);
  const empty = denseSet(size, [...free, ...numbers(holding(none, bounds))]);
  const named = denseSet(size, numbers(open));
  const others = denseSet(size, [...free, ...numbers(open)]);
  const certain = denseSet(size, [...free, ...numbers(holding(some, open.filter(allowsAnything)))]);
  return {
    look({ facts: { commands } }, match) {
      if (!commands) {
        match.add(full, base);
      } else if (commands.length === 0) {
        match.add(empty, empty);
      } else {
        match.add(others, certain);
        match.evaluate(named);
      }
    },
    clear() {},
  };
}

function allowsNothing({ condition }: Bound['conditions'][number]): boolean {
  if (condition.key !== 'commands' || condition.forms === 'anything') return false;
  return condition.forms.within?.length === 0;
}

function allowsAnything({ conditions }: Bound): boolean {
  return conditions.every(
    ({ condition }) => condition.key === 'commands' && condition.forms === 'anything',
  );
}
