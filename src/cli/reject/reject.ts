/** `reject`: drops what waits, after it was shown. */
import { carryOut } from '../change/carry-out.js';
import type { ChangeOptions } from '../change/change-options.js';
import { planRequest } from '../change/planned-change.js';
import type { ExitCode } from '../exit-code.js';
import { eachOnce, findRequests } from '../stores/match-id.js';
import { withStore } from '../stores/open-store.js';
import type { Terminal } from '../terminal.js';

/** Rejects the requests that the ids name; a device id names all that the device asks for. */
export async function reject(
  ids: readonly string[],
  options: ChangeOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  return await withStore(options, terminal, async (store) => {
    const requests = eachOnce(ids.flatMap((id) => findRequests(store, id, 'reject')));
    const plan = requests.map((request) =>
      planRequest('reject', request, () => store.reject(request)),
    );
    return await carryOut('reject', plan, options, terminal);
  });
}
