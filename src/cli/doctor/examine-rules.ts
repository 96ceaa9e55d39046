/** The rules that no recorded connect met. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { CompiledPolicy } from '../../engine/index.js';
import type { ProblemList } from '../../policy/index.js';
import { readRecording, Simulation } from '../../simulate/index.js';

/** The files of the decision log beside a store, the oldest first. */
export async function findDecisionLogs(stateDir: string): Promise<readonly string[]> {
  const folder = join(stateDir, 'pair-policy');
  const names: readonly string[] = await readdir(folder).catch(() => []);
  return names
    .filter((name) => /^decisions.*[.]jsonl$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}

/** Adds the rules that were never true; gives how many connects there were. */
export async function examineRules(
  policy: CompiledPolicy,
  recordings: readonly string[],
  stdin: Readable,
  problems: ProblemList,
): Promise<number> {
  const simulation = new Simulation(policy, { inDetail: true });
  for (const path of recordings) {
    for await (const batch of readRecording(path, stdin)) {
      for (const { connect } of batch) if (connect) simulation.replay(connect);
    }
  }
  const { connects, rules } = simulation.report();
  if (connects === 0) return 0;
  const places = new Map(policy.policy.rules.map((rule) => [rule.id, rule.place]));
  for (const { id, true: met, unknown, missing } of rules) {
    const place = places.get(id);
    if (!place || met > 0) continue;
    const facts = missing.slice(0, 3).map(({ fact }) => fact);
    const why = unknown > 0 ? `; of ${unknown} it could not be told (${facts.join(', ')})` : '';
    const message = `none of ${connects} recorded connects met the rule \`${id}\`${why}`;
    const hint =
      'remove it if it is not needed; `pair-policy simulate` shows which rules connects meet';
    problems.add('note', 'RULE_UNUSED', place, message, hint);
  }
  return connects;
}
