/** The files of a state folder: whose they are, who else may read or write them, and what was left behind. */
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startOf } from '../../model/index.js';
import { type ProblemList, reportUnreadable } from '../../policy/index.js';
import { showSpan } from '../stores/show-device.js';
import { hasMoved, isThere, SQLITE_STORE } from '../stores/state-dir.js';

/** The folders in which there are stores, and what we keep beside them. */
const FOLDERS = ['devices', 'nodes', 'pair-policy'] as const;
/** What is written or locked now is younger than this. */
const LEFT_BEHIND_MS = 60_000;

/** Adds what is wrong with the files, whatever they hold. */
export async function examineFiles(
  stateDir: string,
  now: number,
  problems: ProblemList,
): Promise<void> {
  const owner = (await lstat(stateDir)).uid;
  examineOwnerOfAll(stateDir, owner, problems);
  await examineOne(stateDir, owner, problems);
  for (const name of FOLDERS) {
    const folder = join(stateDir, name);
    if (await isThere(folder)) await examineFolder(folder, owner, now, problems);
  }
  await examineMove(stateDir, problems);
}

async function examineFolder(
  folder: string,
  owner: number,
  now: number,
  problems: ProblemList,
): Promise<void> {
  await examineOne(folder, owner, problems);
  try {
    for (const name of (await readdir(folder)).sort()) {
      const path = join(folder, name);
      if (isLeftover(name)) await examineLeftover(path, now, problems);
      else await examineOne(path, owner, problems);
    }
  } catch (error) {
    reportUnreadable(folder, error, problems);
  }
}

function isLeftover(name: string): boolean {
  return name.endsWith('.tmp') || name.endsWith('.lock') || /[.]tmp[.-]/.test(name);
}

async function examineLeftover(path: string, now: number, problems: ProblemList): Promise<void> {
  const status = await lstat(path).catch(() => undefined);
  // It was in use, and is gone.
  if (!status || now - status.mtimeMs < LEFT_BEHIND_MS) return;
  const what = path.endsWith('.lock') ? 'a lock' : 'a temporary file';
  const message = `${what} that was left behind ${showSpan(now - status.mtimeMs)} ago`;
  const hint = `a process ended while it wrote; remove it: \`rm -r ${path}\``;
  problems.add('warning', 'STORE_LEFTOVER', startOf(path), message, hint);
}

async function examineOne(path: string, owner: number, problems: ProblemList): Promise<void> {
  const status = await lstat(path).catch(() => undefined);
  if (!status || process.platform === 'win32') return;
  if (status.uid !== owner) {
    const message = `this belongs to user ${status.uid}, and the state folder to user ${owner}`;
    const hint = `the gateway may not be able to read or replace it: \`chown ${owner}\` it`;
    problems.error('STORE_OWNER', startOf(path), message, hint);
  }
  const { mode } = status;
  if (status.isSymbolicLink()) return;
  if ((mode & 0o022) !== 0) {
    const message = `others than its owner can write this (mode ${octal(mode)})`;
    const hint = `whoever writes here pairs what they like: \`chmod go-w ${path}\``;
    problems.error('STORE_MODE', startOf(path), message, hint);
  } else if ((mode & 0o077) !== 0) tellReadable(path, status.isDirectory(), mode, problems);
}

/** A gateway makes its folders readable by all: what is secret is in the files. */
function tellReadable(path: string, isFolder: boolean, mode: number, problems: ProblemList): void {
  const hint = `\`chmod ${isFolder ? '700' : '600'} ${path}\``;
  if (isFolder) {
    const message = `others than its owner can look into this folder (mode ${octal(mode)})`;
    problems.add('note', 'STORE_MODE', startOf(path), message, hint);
    return;
  }
  // Only the gateway's own files hold tokens.
  const hasTokens = /(paired|bootstrap)[.]json$/.test(path);
  const message = hasTokens
    ? `others than its owner can read the tokens in this (mode ${octal(mode)})`
    : `others than its owner can read this (mode ${octal(mode)})`;
  problems.add(hasTokens ? 'error' : 'warning', 'STORE_MODE', startOf(path), message, hint);
}

function examineOwnerOfAll(stateDir: string, owner: number, problems: ProblemList): void {
  const self = process.getuid?.();
  // Root may do as it likes, and what it writes is what the lines below are about.
  if (self === undefined || self === owner) return;
  const message = `this belongs to user ${owner}, and this is run by user ${self}`;
  const hint = `what is written here must stay the gateway's: run it as user ${owner}`;
  problems.add('warning', 'STORE_OWNER', startOf(stateDir), message, hint);
}

/** What a gateway from 2026.8.1 on has made of the stores. */
async function examineMove(stateDir: string, problems: ProblemList): Promise<void> {
  const database = join(stateDir, SQLITE_STORE);
  if (await hasMoved(stateDir)) {
    const message =
      'this gateway keeps its devices in SQLite: no file of a pairing store is in force';
    const hint = 'use `openclaw devices` here; pair-policy never writes this database';
    problems.error('STORE_MOVED', startOf(database), message, hint);
    return;
  }
  for (const name of ['devices', 'nodes']) {
    const folder = join(stateDir, name);
    const names: readonly string[] = await readdir(folder).catch(() => []);
    const migrated = names.find((file) => file.endsWith('.migrated'));
    if (migrated === undefined) continue;
    const message =
      'a gateway from 2026.8.1 on has moved this store to SQLite, and it is here again';
    const hint =
      'if that gateway still runs, what is in these files is dead: use `openclaw devices`; else remove the `*.migrated`';
    problems.add('warning', 'STORE_MOVED', startOf(join(folder, migrated)), message, hint);
  }
}

function octal(mode: number): string {
  return (mode & 0o777).toString(8).padStart(4, '0');
}
