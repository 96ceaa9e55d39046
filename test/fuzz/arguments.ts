import { mutate } from './mutate.js';
import type { Random } from './random.js';

/** The commands that there are. */
export const COMMANDS = [
  'check',
  'test',
  'explain',
  'simulate',
  'init',
  'devices',
  'approve',
  'reject',
  'revoke',
  'block',
  'unblock',
  'prune',
  'audit',
  'doctor',
  'serve',
  'record',
  'completion',
  'complete',
  'help',
];

const FLAGS = (
  '--format --json --strict --fix --policy --line --request --device --now --given --expect --remote-ip --forwarded --role ' +
  '--scope --no-scopes --command --no-commands --kind --device-id --public-key --client-id --client-mode --platform ' +
  '--device-family --display-name --browser-origin --auth-method --auth-user --gateway --ts --own-address --against --fail-on ' +
  '--coverage --min-coverage --dir --loopback --no-loopback --tailnet --office --block-list --from-recording --yes --help ' +
  '--state-dir --pending --paired --blocked --match --reason --idle --age --recording --all ' +
  '--token-file --password-file --shadow --name --gateway-version --missing-address --gateway-log --on-hold --on-deny ' +
  '--status-port --output -o --from-log --max-size ' +
  '-h --version -V -- - --no-color --unknown -x'
).split(' ');

const VALUES = (
  'good.yaml good.json good.jsonl policies fuzz.yaml fuzz.jsonl none.yaml . human json github sarif jsonl junit markdown ' +
  '0 1 -1 100 1e3 NaN approve hold deny changed unexpected unmatched newly-approved forwarded=false kind=reconnect ts= =x ' +
  'scopes=[] git:HEAD git: git:--help 127.0.0.1 ::1 10.0.0.0/8 true false operator node operator.read new-device tailscale ' +
  'ws://127.0.0.1:1 wss://127.0.0.1:1 ws://a:b@127.0.0.1:1 ws:// ws://127.0.0.1:99999 http://127.0.0.1 loopback 65536 ' +
  '2026-12-01T09:00:00Z 1796115600000 yesterday bash zsh fish 90d ' +
  '31dd7431ae24b1abbb0d36c1b0c596ba497ed2ff66eb614225a2a944e0c4c219 __proto__ constructor'
).split(' ');

/** A command line of known and unknown words, in the current folder: nothing outside of it is named. */
export function randomArguments(random: Random): string[] {
  const args = random.oneIn(20) ? [] : [random.pick(COMMANDS)];
  const length = random.below(8);
  for (let i = 0; i < length; i += 1) {
    const flag = random.oneIn(2) ? random.pick(FLAGS) : random.pick(VALUES);
    if (random.oneIn(4)) args.push(`${flag}=${random.pick(VALUES)}`);
    else if (random.oneIn(6))
      args.push(mutate(Buffer.from(flag), random, [Buffer.from(flag)]).toString());
    else args.push(flag);
  }
  return args.filter(isHarmless);
}

/**
 * No NUL (no process can be given one), no path out of the folder, nothing too long for a process, and no URL but those
 * above, which lead nowhere.
 */
function isHarmless(arg: string): boolean {
  const value = arg.slice(arg.indexOf('=') + 1);
  if (/(ws|http)s?:/i.test(arg) && !VALUES.includes(value)) return false;
  return !/\0|\.\.|(^|=)[/~]/.test(arg) && arg.length < 20_000;
}
