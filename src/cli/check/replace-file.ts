/** Files that are rewritten: whole or not at all, and never over what another has written meanwhile. */
import { open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { PairPolicyError, startOf } from '../../model/index.js';
import { decodeText, ProblemList } from '../../policy/index.js';

const BYTE_ORDER_MARK = '\ufeff';

/** Puts a text in the place of the one that the file had when it was read. Throws a `PairPolicyError`. */
export async function replaceFile(path: string, before: string, after: string): Promise<void> {
  try {
    // A link stays a link: what it points to is replaced.
    const target = await realpath(path);
    const bytes = await readFile(target);
    if (decodeText(path, bytes, new ProblemList()) !== before) throw new Error('it has changed');
    const mark = bytes.subarray(0, 3).equals(Buffer.from(BYTE_ORDER_MARK)) ? BYTE_ORDER_MARK : '';
    await writeAside(target, mark + after);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new PairPolicyError([
      {
        ...startOf(path),
        code: 'WRITE_FAILED',
        severity: 'error',
        message: `the file could not be rewritten: ${code ?? message}`,
        hint: 'it is as it was; check owner and mode of the file and its folder, and try again',
      },
    ]);
  }
}

/** Whoever reads or watches the file sees the old text or the new one. */
async function writeAside(target: string, text: string): Promise<void> {
  const { mode } = await stat(target);
  // What starts with a dot is no policy.
  const aside = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`);
  const file = await open(aside, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.chmod(mode & 0o7777);
    await file.sync();
    await rename(aside, target);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}
