/** `npm run bench:live`: how soon an edit is in force, what that costs the event loop, and a soak of torn writes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEffort } from '../effort.js';
import { buildProduct, loadLive } from '../product.js';
import { tearWrites } from './torn-writes.js';

buildProduct();
// Only now is there something to import.
const { measureReload } = await import('../measures/reload.js');
const { createLivePolicy } = await loadLive();

const folder = mkdtempSync(join(tmpdir(), 'pair-policy-reload-'));
const effort = readEffort(process.argv);
const load = () => (loadavg()[0] ?? 0).toFixed(1);
const ms = (value: number | null | undefined) => value?.toFixed(1) ?? '—';
try {
  console.log(`node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}, load ${load()}\n`);
  console.log('| rules | reloads | p50 ms | p99 ms | longest | loop: longest wait | computing |');
  console.log('|---|---|---|---|---|---|---|');
  for (const [rules, reloads] of effort.reloads) {
    const one = await measureReload(rules, reloads, folder);
    const times = [one.p50Ms, one.p99Ms, one.longestMs, one.blockMs, one.busyMs].map(ms);
    console.log(`| ${rules} | ${one.reloads} | ${times.join(' | ')} |`);
  }
  const writes = effort.name === 'quick' ? 100 : 1000;
  const torn = await tearWrites({ writes, files: 10, mostPauseMs: 100, folder, createLivePolicy });
  const { latencies } = torn;
  const at = (share: number) => ms(latencies[Math.ceil(latencies.length * share) - 1]);
  console.log(`\n${torn.writes} writes in place, torn in two at 0 to 100 ms, load ${load()}:`);
  console.log(`- ${torn.decisions} decisions meanwhile, ${torn.byHalf} by half a policy`);
  console.log(`- ${torn.staleAfterOneSecond} not in force after a second`);
  console.log(`- from the last byte: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
