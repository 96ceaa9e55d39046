import { CLIENT_MODES, isOneOf, KNOWN_SCOPES } from '../../model/index.js';
import { suggestWord } from '../did-you-mean.js';
import type { Condition, Policy } from '../policy.js';
import { type ProblemList, quote } from '../problem-list.js';
import { setOf } from './compare-conditions.js';

/**
 * UNKNOWN_SCOPE, UNKNOWN_CLIENT_MODE, UNUSED_NAME. Warnings and never more: releases of OpenClaw bring new words, and an
 * edit in an emergency must go through, though it leaves a name unused.
 */
export function lintWords(policy: Policy, problems: ProblemList): void {
  for (const { when, unless = [] } of policy.rules) {
    for (const condition of [...when, ...unless]) lintCondition(condition, problems);
  }
  for (const { name, kind, used, place } of policy.lists) {
    if (used) continue;
    const what = kind === 'network' ? 'network' : 'device group';
    const hint = `use it as \`"@${name}"\`, or remove it`;
    problems.add('warning', 'UNUSED_NAME', place, `no rule uses the ${what} ${quote(name)}`, hint);
  }
}

function lintCondition(condition: Condition, problems: ProblemList): void {
  const { key, place } = condition;
  if (key === 'scopes') {
    const listed = new Set(Object.values(setOf(condition)?.forms ?? {}).flat() as string[]);
    for (const scope of listed) {
      if (KNOWN_SCOPES.includes(scope)) continue;
      const message = `OpenClaw knows no scope ${quote(scope)}`;
      problems.add('warning', 'UNKNOWN_SCOPE', place, message, suggestWord(scope, KNOWN_SCOPES));
    }
  } else if (key === 'clientMode') {
    for (const word of new Set(condition.words)) {
      // The empty word is a client that sent none.
      if (word === '' || isOneOf(CLIENT_MODES, word)) continue;
      const message = `OpenClaw knows no client mode ${quote(word)}`;
      const hint = suggestWord(word, CLIENT_MODES);
      problems.add('warning', 'UNKNOWN_CLIENT_MODE', place, message, hint);
    }
  }
}
