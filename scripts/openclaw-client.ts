/**
 * OpenClaw's own `openclaw node run` against the example gateway, both in a network namespace of their own that leads
 * nowhere. Slow, needs root, and installs OpenClaw and the Node that it asks for from the registry when first run.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freshFiles, SHARED_TOKEN, startGateway } from '../test/e2e/gateway-process.js';

const OPENCLAW = '2026.9.6';
const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'pair-policy');
const NAMESPACE = `pair-policy-${process.pid}`;
const WITHIN = ['ip', 'netns', 'exec', NAMESPACE];
const PATIENCE_MS = 120_000;

const POLICY = `version: 1
rules:
  - id: nodes-here
    action: approve
    when: { from: loopback, role: node, clientMode: node, kind: new-device, scopes: { within: [] } }
`;

/** Installs what the client needs, once; answers the folder. */
function install(): string {
  const folder = join(CACHE, `openclaw-${OPENCLAW}`);
  if (existsSync(join(folder, 'done'))) return folder;
  mkdirSync(folder, { recursive: true });
  const dependencies = { node: '24', openclaw: OPENCLAW };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  const quiet = ['--no-audit', '--no-fund'];
  execFileSync('npm', ['install', '--ignore-scripts', ...quiet], { cwd: folder, stdio: 'inherit' });
  // The package `node` fetches its program in a script.
  execFileSync('npm', ['rebuild', 'node', ...quiet], { cwd: folder, stdio: 'inherit' });
  writeFileSync(join(folder, 'done'), '');
  return folder;
}

function startNode(folder: string, home: string, port: number): ChildProcess {
  const bin = join(folder, 'node_modules', '.bin');
  const args = ['node', 'run', '--host', '127.0.0.1', '--port', String(port)];
  return spawn(
    'ip',
    [
      ...WITHIN.slice(1),
      join(bin, 'node'),
      join(folder, 'node_modules/openclaw/openclaw.mjs'),
      ...args,
    ],
    {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        PATH: `${bin}:/usr/sbin:/usr/bin:/sbin:/bin`,
        HOME: home,
        OPENCLAW_STATE_DIR: join(home, 'node'),
        OPENCLAW_GATEWAY_TOKEN: SHARED_TOKEN,
        OPENCLAW_DISABLE_BONJOUR: '1',
        OPENCLAW_NO_RESPAWN: '1',
        NO_COLOR: '1',
      },
    },
  );
}

/** The lines of the decision log, once there is one that fits. */
async function untilDecided(log: string, fits: (line: string) => boolean): Promise<string> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await delay(200)) {
    const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n') : [];
    const found = lines.find(fits);
    if (found !== undefined) return found;
  }
  throw new Error('the decision that was waited for did not come');
}

const folder = install();
const files = freshFiles();
execFileSync('ip', ['netns', 'add', NAMESPACE]);
try {
  execFileSync('ip', ['-n', NAMESPACE, 'link', 'set', 'lo', 'up']);
  const gateway = await startGateway(files, { within: WITHIN });
  const node = startNode(folder, files.stateDir, gateway.port);
  try {
    const log = join(files.stateDir, 'pair-policy', 'decisions.jsonl');
    // No rule of the default policy is for a node by loopback: it waits, until the policy has one.
    console.log(await untilDecided(log, (line) => line.includes('"waiting"')));
    files.setPolicy(POLICY);
    console.log(await untilDecided(log, (line) => line.includes('"admitted"')));
    console.log(`openclaw ${OPENCLAW} node run: held, then let in by a changed policy`);
  } finally {
    if (node.exitCode === null) {
      const exited = once(node, 'exit');
      node.kill('SIGTERM');
      await exited;
    }
    await gateway.stop();
  }
} finally {
  execFileSync('ip', ['netns', 'del', NAMESPACE]);
  files.remove();
}
