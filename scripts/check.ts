import { spawnSync } from 'node:child_process';

/** The one gate: what must hold before a change is taken, the quick steps first. The first failure ends it. */
const steps: { name: string; command: string }[] = [
  { name: 'types', command: 'tsc --noEmit' },
  { name: 'lint and format', command: 'biome check --error-on-warnings .' },
  {
    name: 'architecture',
    command: 'depcruise src test scripts examples --config .dependency-cruiser.mjs',
  },
  { name: 'generated files', command: 'npm run --silent generate -- --check' },
  { name: 'unused code and dependencies', command: 'knip' },
  { name: 'tests', command: 'npm run --silent test' },
  // What it packs is what the tests have just built.
  { name: 'package', command: 'npm run --silent check:package' },
];

for (const { name, command } of steps) {
  console.log(`\n=== ${name}: ${command}`);
  const { status } = spawnSync(command, { stdio: 'inherit', shell: true });
  if (status !== 0) {
    console.error(`\n=== failed: ${name}`);
    process.exit(1);
  }
}
console.log(`\n=== all ${steps.length} steps passed`);
