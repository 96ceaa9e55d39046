/** The questions of `init`, for a person at a terminal. */
import { createInterface } from 'node:readline/promises';
import { PairPolicyError, startOf, visible } from '../../model/index.js';
import type { Terminal } from '../terminal.js';
import { type Answers, readOffice } from './init-answers.js';

type Ask = (question: string) => Promise<string>;

/** Asks on stderr, so that stdout has nothing but what was done. Throws where the person goes away. */
export async function askAnswers(terminal: Terminal): Promise<Answers> {
  const lines = createInterface({ input: terminal.stdin, output: terminal.stderr });
  // Unlike `question`, the iterator keeps lines that are typed ahead, and ends at Ctrl-C and Ctrl-D.
  const typed = lines[Symbol.asyncIterator]();
  const ask: Ask = async (question) => {
    lines.setPrompt(question);
    lines.prompt();
    const { done, value } = await typed.next();
    if (!done) return value;
    terminal.stderr.write('\n');
    throw wentAway();
  };
  try {
    return await askAll(ask, terminal);
  } finally {
    lines.close();
  }
}

function wentAway(): PairPolicyError {
  const hint = 'answer the questions, or say it by flags: see `pair-policy init --help`';
  const message = 'stopped before the last answer: nothing was written';
  const place = startOf('init');
  return new PairPolicyError([{ ...place, severity: 'error', code: 'ARGUMENT', message, hint }]);
}

async function askAll(ask: Ask, terminal: Terminal): Promise<Answers> {
  const loopback = await askYesOrNo(ask, "Let in operators on this gateway's own host", true);
  const tailnet = await askYesOrNo(ask, "The same by the host's own Tailscale address", false);
  const office = await askOffice(ask, terminal);
  const blocks = await askYesOrNo(ask, 'A block list for lost and stolen devices', true);
  return { loopback, tailnet, office, blocked: blocks ? [] : undefined };
}

async function askYesOrNo(ask: Ask, question: string, preset: boolean): Promise<boolean> {
  for (;;) {
    const answer = (await ask(`${question}? [${preset ? 'Y/n' : 'y/N'}] `)).trim().toLowerCase();
    if (answer === '') return preset;
    if (['y', 'yes'].includes(answer)) return true;
    if (['n', 'no'].includes(answer)) return false;
  }
}

async function askOffice(ask: Ask, terminal: Terminal): Promise<Answers['office']> {
  for (;;) {
    const answer = await ask(
      'Networks whose headless nodes are let in (such as 192.168.1.0/24; empty for none): ',
    );
    try {
      return readOffice(answer.split(/[\s,]+/).filter((text) => text !== ''));
    } catch (error) {
      if (!(error instanceof PairPolicyError)) throw error;
      for (const { message, hint } of error.problems) {
        terminal.stderr.write(`  ${visible(`${message}: ${hint}`)}\n`);
      }
    }
  }
}
