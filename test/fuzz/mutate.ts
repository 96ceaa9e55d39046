import type { Random } from './random.js';

/** No mutation makes a text longer than this. */
const MAX_LENGTH = 900_000;

/** Bytes at which parsers of YAML and JSON turn. */
const TURNS = Buffer.from(
  '{}[]:,"\'\n\r\t -#&*!|>%@`\\0189.eE+<=?_aZ\0\x7f\x80\xbf\xc3\xed\xf0\xff',
  'latin1',
);

/** Words that mean something somewhere. */
const WORDS = [
  'approve hold deny true false null yes no ~ {} [] "" 0 1 -1 010 0o10 0x10 1e3 1e999 .inf .nan 9007199254740993',
  'anywhere loopback own-tailnet own-address tailnet private @tailnet @office 0.0.0.0/0 ::/0 ::ffff:0:0/96 127.0.0.1',
  '10.0.0.0/8 ::1 fe80::1%eth0 ::1.2.3.4 ::ffff:10.0.0.1 192.168.77.10 100.101.102.103 010.0.0.1 127.1 1.2.3.4:80',
  'operator node role roles scopes commands within all any none any-scopes any-commands operator.admin operator.read',
  'operator.* * ** system.run system.* new-device reconnect node-commands key-change scope-upgrade kind device',
  'from clientId clientMode platform deviceFamily displayName browserOrigin authUser authMethod gateway forwarded time',
  'days between zone 22:00-06:00 00:00-24:00 09:00-09:00 mon sun Europe/Berlin UTC expires limit max per by 1h 30m 1w',
  'unless when rules version default networks devices tests given now ownAddresses name connect expect action rule id',
  'logic var === !== == and or ! !! if in cat substr missing map reduce __proto__ constructor toString hasOwnProperty',
  'isRepair silent remoteIp deviceId publicKey ts requestId context limits outcome tailscale trusted-proxy token',
  '2026-12-01T09:00:00Z 2026-12-01 2026-02-29T00:00:00Z 8640000000000001 <<: &a *a !!binary --- ... %YAML \u{1f99e} \u202e',
  'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA 31dd7431ae24b1abbb0d36c1b0c596ba497ed2ff66eb614225a2a944e0c4c219',
].flatMap((line) => line.split(' '));

/** Words of which each can stand where another stands: so that what comes out is often still a policy or a record. */
const ALIKE = [
  'approve hold deny',
  'true false',
  'operator node',
  'anywhere loopback own-tailnet own-address tailnet private 10.0.0.0/8 127.0.0.1 100.64.0.0/10 0.0.0.0/0 192.168.77.0/24',
  '127.0.0.1 10.1.2.3 192.168.77.10 100.101.102.103 fd7a:115c:a1e0::1 ::1 ::ffff:10.1.2.3 ::10.1.2.3 203.0.113.7',
  'within all any none',
  'operator.admin operator.read operator.write operator.approvals operator.pairing operator.talk operator.sessions.read',
  'new-device key-change role-upgrade scope-upgrade metadata-upgrade reconnect node-commands',
  'webchat cli ui backend node probe test worker',
  'token password tailscale trusted-proxy device-token bootstrap-token none',
  'clientId platform deviceFamily displayName browserOrigin gateway clientMode',
  'mon tue wed thu fri sat sun',
  'rule remoteIp deviceId authUser',
  'when unless',
  '09:00-18:00 22:00-06:00 00:00-24:00 08:59-09:00',
  '1 2 3 10',
  '45s 1m 30m 1h 2d 1w',
  'UTC Europe/Berlin America/New_York Australia/Lord_Howe',
  'and or',
  '=== !==',
  '< <= > >=',
].map((line) => line.split(' '));

type Mutation = (bytes: Buffer, random: Random, others: readonly Buffer[]) => Buffer;

/** A few random changes to one of the seeds; `others` lend their parts. */
export function mutate(seed: Buffer, random: Random, others: readonly Buffer[]): Buffer {
  let bytes = seed;
  // Half of the time one change alone: what nearly fits gets furthest.
  const changes = random.oneIn(2) ? 1 : 1 + random.below(6);
  for (let i = 0; i < changes; i += 1) bytes = random.pick(MUTATIONS)(bytes, random, others);
  return bytes.subarray(0, MAX_LENGTH);
}

function splice(bytes: Buffer, at: number, length: number, piece: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at + length)]);
}

const flipBit: Mutation = (bytes, random) => {
  const copy = Buffer.from(bytes);
  const at = random.below(bytes.length);
  copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
  return copy;
};

const turnByte: Mutation = (bytes, random) =>
  splice(
    bytes,
    random.below(bytes.length + 1),
    random.below(2),
    Buffer.of(random.pick([...TURNS])),
  );

const deleteRange: Mutation = (bytes, random) =>
  splice(bytes, random.below(bytes.length + 1), 1 + random.below(40), Buffer.of());

const truncate: Mutation = (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1));

const repeatRange: Mutation = (bytes, random) => {
  const at = random.below(bytes.length + 1);
  const range = bytes.subarray(at, at + 1 + random.below(60));
  // Mostly twice, seldom until it is long.
  const times = random.oneIn(200) ? 20_000 : random.oneIn(10) ? 70 : 2;
  const room = Math.floor((MAX_LENGTH - bytes.length) / Math.max(1, range.length));
  return splice(bytes, at, 0, Buffer.concat(Array(Math.max(0, Math.min(times, room))).fill(range)));
};

const insertPart: Mutation = (bytes, random, others) => {
  const other = random.pick(others);
  const from = random.below(other.length + 1);
  const part = other.subarray(from, from + random.below(200));
  return splice(bytes, random.below(bytes.length + 1), random.below(30), part);
};

const replaceWord: Mutation = (bytes, random) => {
  const text = bytes.toString('latin1');
  const words = [...text.matchAll(/[\w.@/*:-]+/g)];
  if (words.length === 0) return Buffer.from(random.pick(WORDS));
  const word = random.pick(words);
  return splice(bytes, word.index, word[0].length, Buffer.from(random.pick(WORDS)));
};

const replaceAlike: Mutation = (bytes, random) => {
  const text = bytes.toString('latin1');
  const words = [...text.matchAll(/[\w.@/:<>=!-]*[\w=<>]/g)].flatMap((word) =>
    ALIKE.filter((list) => list.includes(word[0])).map((list) => ({ word, list })),
  );
  if (words.length === 0) return bytes;
  const { word, list } = random.pick(words);
  return splice(bytes, word.index, word[0].length, Buffer.from(random.pick(list)));
};

const copyWord: Mutation = (bytes, random) => {
  const words = [...bytes.toString('latin1').matchAll(/[\w.@/*-]+/g)];
  if (words.length === 0) return bytes;
  const [from, to] = [random.pick(words), random.pick(words)];
  return splice(bytes, to.index, to[0].length, Buffer.from(from[0], 'latin1'));
};

const insertWord: Mutation = (bytes, random) => {
  const around = random.pick(['', ' ', ', ', ': ', '\n', '"']);
  const word = Buffer.from(around + random.pick(WORDS) + around);
  return splice(bytes, random.below(bytes.length + 1), 0, word);
};

const moveLine: Mutation = (bytes, random) => {
  const lines = bytes.toString('latin1').split('\n');
  const [line = ''] = lines.splice(random.below(lines.length), 1);
  if (random.oneIn(3)) lines.splice(random.below(lines.length + 1), 0, line);
  lines.splice(random.below(lines.length + 1), 0, line);
  return Buffer.from(lines.join('\n'), 'latin1');
};

const reindentLine: Mutation = (bytes, random) => {
  const lines = bytes.toString('latin1').split('\n');
  const at = random.below(lines.length);
  const line = lines[at] ?? '';
  lines[at] = random.oneIn(2) ? line.slice(1) : `${random.pick([' ', '  ', '\t'])}${line}`;
  return Buffer.from(lines.join('\n'), 'latin1');
};

const MUTATIONS: readonly Mutation[] = [
  flipBit,
  turnByte,
  turnByte,
  deleteRange,
  truncate,
  repeatRange,
  insertPart,
  replaceWord,
  replaceWord,
  replaceAlike,
  replaceAlike,
  replaceAlike,
  replaceAlike,
  copyWord,
  copyWord,
  insertWord,
  moveLine,
  reindentLine,
];
