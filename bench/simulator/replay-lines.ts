/**
 * What a user would write to replay a recording without us: `readline`, `JSON.parse`, and a peer
 * that decides, or nothing. Arguments: the peer, the number of rules, the recording.
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { RecordDecider } from '../contenders/contender.js';
import { PEERS } from '../contenders/peers.js';
import { toTests } from '../contenders/plain-tests.js';
import { inOrder, toCheckedPolicy } from '../policies/checked-policy.js';
import { makeFleet } from '../policies/fleet.js';
import type { PlainRecord } from '../policies/plain-policy.js';
import { SCOPES } from '../policies/vocabulary.js';

const [peer = 'none', rules = '0', recording = ''] = process.argv.slice(2);
const { prepare, decide } = await deciderOf(peer, Number(rules));
const counts = new Map<number, number>();
let lines = 0;
const start = performance.now();
for await (const line of createInterface({
  input: createReadStream(recording),
  crlfDelay: Infinity,
})) {
  const answered = decide(prepare(JSON.parse(line) as PlainRecord));
  // Waiting costs more than many a decision.
  const answer = typeof answered === 'number' ? answered : await answered;
  counts.set(answer, (counts.get(answer) ?? 0) + 1);
  lines += 1;
}
console.log(
  JSON.stringify({ lines, ms: performance.now() - start, unmatched: counts.get(-1) ?? 0 }),
);

async function deciderOf(name: string, size: number): Promise<RecordDecider<unknown>> {
  if (name === 'none') return { prepare: (record) => record, decide: () => -1 };
  const found = PEERS.find((one) => one.name === name);
  if (!found) throw new Error(`there is no peer \`${name}\``);
  return await found.create(toTests(inOrder(toCheckedPolicy(makeFleet(size).policy)), SCOPES));
}
