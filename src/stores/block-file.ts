/** The block list on the disk: `pair-policy/blocked.json` in the state folder. */
import { dirname, join } from 'node:path';
import * as z from 'zod';
import type { Block, BlockList, DeviceNames } from '../live/index.js';
import { PairPolicyError, type Problem, startOf } from '../model/index.js';
import { Blocks, isDeviceName } from './blocks.js';
import { printOf } from './file-print.js';
import { JsonFault, JsonScanner } from './json-scanner.js';
import { placeOf } from './place-of.js';
import { type FileText, readStoreFile } from './read-store-file.js';
import { dropStaged, placeFile, printOfPlaced, stageFile, syncFolder } from './replace-file.js';
import { withoutUndefined } from './row-fields.js';
import { storeBusy, unreadable } from './store-errors.js';
import { OUR_FOLDER, withStoreLock } from './store-lock.js';

const TRIES = 50;

/** Fields that are not ours are kept. */
const form = z.looseObject({
  version: z.literal(1),
  blocked: z.array(
    z.looseObject({
      // One that names nothing would block nothing, and nobody would know.
      device: z.string().refine(isDeviceName),
      reason: z.string().optional(),
      since: z.number(),
    }),
  ),
});

type BlockDocument = z.infer<typeof form>;

const NEW: BlockDocument = { version: 1, blocked: [] };

export class BlockFile implements BlockList {
  readonly path: string;
  readonly #stateDir: string;
  readonly #onChange: () => void;
  #document: BlockDocument = NEW;
  #blocks = new Blocks([]);
  /** The state of the file that was looked at last; null where it must be looked at again. */
  #print: string | undefined | null = null;
  #problems: readonly Problem[] = [];
  #doing: Promise<void> = Promise.resolve();

  constructor(stateDir: string, onChange: () => void) {
    this.#stateDir = stateDir;
    this.path = join(stateDir, OUR_FOLDER, 'blocked.json');
    this.#onChange = onChange;
  }

  find(device: DeviceNames): Block | undefined {
    return this.#blocks.find(device);
  }

  all(): readonly Block[] {
    return this.#blocks.all();
  }

  add(block: Block): Promise<void> {
    return this.#inTurn(() => this.#change((blocks) => blocks.with(block)));
  }

  remove(device: string): Promise<void> {
    return this.#inTurn(() => this.#change((blocks) => blocks.without(device)));
  }

  /** Takes over what the file holds now; the answer is what is newly wrong with it. */
  async reread(): Promise<readonly Problem[]> {
    let problems: readonly Problem[] = [];
    await this.#inTurn(async () => {
      problems = await this.#reread();
    });
    return problems;
  }

  /** Resolves when all that was begun is done. */
  idle(): Promise<void> {
    return this.#doing;
  }

  #inTurn(run: () => Promise<void>): Promise<void> {
    const turn = this.#doing.then(run);
    this.#doing = turn.catch(() => {});
    return turn;
  }

  async #reread(): Promise<readonly Problem[]> {
    if (this.#print !== null && this.#print === printOf(this.path)) return [];
    this.#print = null;
    try {
      const text = await readStoreFile(this.path);
      this.#print = text?.print;
      if (!text && this.#blocks.all().length > 0) throw goneError(this.path);
      const document = text ? parseBlocks(this.path, text) : NEW;
      this.#problems = [];
      this.#take(document);
      return [];
    } catch (error) {
      if (!(error instanceof PairPolicyError)) throw error;
      const isTold = JSON.stringify(error.problems) === JSON.stringify(this.#problems);
      this.#problems = error.problems;
      return isTold ? [] : error.problems;
    }
  }

  #take(document: BlockDocument): void {
    const isSame = JSON.stringify(document) === JSON.stringify(this.#document);
    this.#document = document;
    this.#blocks = new Blocks(
      document.blocked.map(({ device, reason, since }) => ({ device, reason, since })),
    );
    if (!isSame) this.#onChange();
  }

  async #change(change: (blocks: Blocks) => Blocks): Promise<void> {
    await withStoreLock(this.#stateDir, async (lock) => {
      for (let tries = 0; tries < TRIES && lock.isHeld(); tries += 1) {
        await this.#reread();
        // A list that is gone is written anew, with all that was in it; one that is there and unread is left alone.
        if (this.#print !== undefined && this.#problems.length > 0) {
          throw new PairPolicyError(this.#problems);
        }
        if (await this.#write(withBlocks(this.#document, change(this.#blocks)))) return;
      }
      throw storeBusy(this.path, 'others wrote in between');
    });
  }

  async #write(document: BlockDocument): Promise<boolean> {
    const print = this.#print ?? undefined;
    const staged = await stageFile(this.path, [Buffer.from(JSON.stringify(document, null, 2))]);
    try {
      if (printOf(this.path) !== print || !placeFile(staged, print)) return false;
      this.#print = printOfPlaced(staged) ?? null;
    } finally {
      await dropStaged(staged);
    }
    await syncFolder(dirname(staged.target));
    this.#problems = [];
    this.#take(document);
    return true;
  }
}

/** The document with these blocks: entries that stay are kept with all their fields. */
function withBlocks(document: BlockDocument, blocks: Blocks): BlockDocument {
  const blocked = blocks.all().map((block) => {
    const old = document.blocked.find(({ device }) => device === block.device);
    return { ...old, ...withoutUndefined({ ...block }), device: block.device, since: block.since };
  });
  return { ...document, blocked };
}

function parseBlocks(path: string, { bytes }: FileText): BlockDocument {
  try {
    const scanner = new JsonScanner(bytes);
    const end = scanner.blanks(scanner.value(scanner.blanks(0)));
    if (end < bytes.length) throw new JsonFault(end, 'something follows after the end');
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    throw new PairPolicyError([unreadable(placeOf(path, bytes, error.offset), error.message)]);
  }
  const parsed = form.safeParse(JSON.parse(bytes.toString('utf8')));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.map(String).join('.') ?? '';
  const message = `\`${where}\` is not what a block list has there: { version: 1, blocked: [{ device, reason?, since }] }`;
  throw new PairPolicyError([unreadable(startOf(path), message)]);
}

/** Whoever takes the list away may not know that the devices in it come back: they stay blocked until it is said. */
function goneError(path: string): PairPolicyError {
  const hint = 'what it named stays blocked; unblock the devices, or write a list without them';
  return new PairPolicyError([{ ...unreadable(startOf(path), 'the block list is gone'), hint }]);
}
