/** What a decision log says, for whoever asks when and by which rule a device was let in. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import * as z from 'zod';
import { ACTIONS, CAUSES } from '../model/index.js';
import { rotatedFiles } from './rotated-files.js';

const lineSchema = z.looseObject({
  deviceId: z.string().optional().catch(undefined),
  decision: z.looseObject({
    action: z.enum(ACTIONS),
    rule: z.string().nullable(),
    cause: z.enum(CAUSES),
    reason: z.string(),
    revision: z.string(),
    generation: z.number(),
    at: z.number(),
  }),
  answered: z.enum(['admitted', 'refused', 'waiting']),
  pending: z.string().optional(),
});

/** A decision as it was logged: its line, and where that stands. */
export interface LoggedDecision extends z.infer<typeof lineSchema> {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
}

/** What is passed over of a log. */
export interface PassedOver {
  readonly file: string;
  readonly line: number;
}

const MAX_LINE_BYTES = 1024 * 1024;
const LINE_FEED = 0x0a;

/**
 * The decisions of a log in the order in which they were written: its full files, then the one that is written to.
 * What is no decision, such as a line that a crash cut off, is told and passed over; a log that is not there is empty.
 */
export async function* readDecisions(
  path: string,
  onPassedOver: (place: PassedOver) => void = () => undefined,
): AsyncGenerator<LoggedDecision> {
  const full = await rotatedFiles(path);
  for (const file of [...full.map((one) => one.path), path]) {
    if (!(await stat(file).catch(() => undefined))) continue;
    let line = 0;
    for await (const text of linesOf(file)) {
      line += 1;
      const read = parse(text);
      if (read) yield { ...read, file, line };
      else if (text !== '') onPassedOver({ file, line });
    }
  }
}

function parse(text: string | undefined): z.infer<typeof lineSchema> | undefined {
  if (text === undefined) return undefined;
  try {
    return lineSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** By the byte, because a text of a client may hold what others take for an end of line; undefined is too long. */
async function* linesOf(file: string): AsyncGenerator<string | undefined> {
  let rest: Buffer[] = [];
  let size = 0;
  const end = () => (size > MAX_LINE_BYTES ? undefined : Buffer.concat(rest).toString('utf8'));
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let to = chunk.indexOf(LINE_FEED); to >= 0; to = chunk.indexOf(LINE_FEED, from)) {
      size += to - from;
      rest.push(chunk.subarray(from, to));
      yield end();
      [rest, size, from] = [[], 0, to + 1];
    }
    size += chunk.length - from;
    if (size <= MAX_LINE_BYTES) rest.push(chunk.subarray(from));
  }
  if (size > 0) yield end();
}
