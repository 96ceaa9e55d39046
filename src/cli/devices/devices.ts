/** `devices`: who waits and who is paired, in both stores. */
import { EXIT, type ExitCode } from '../exit-code.js';
import { renderJson } from '../render/render-json.js';
import type { DevicesOutput } from '../schemas/devices-output.js';
import { findJudge } from '../stores/judge.js';
import { withStore } from '../stores/open-store.js';
import { type Terminal, write } from '../terminal.js';
import { readApprovals } from './approvals.js';
import type { DevicesOptions } from './devices-options.js';
import { listDevices } from './list-devices.js';
import { renderDevices } from './render-devices.js';

/** Lists once, or with `--watch` until it is interrupted. */
export async function devices(options: DevicesOptions, terminal: Terminal): Promise<ExitCode> {
  const judge = await findJudge(options, terminal);
  await withStore(options, terminal, async (store) => {
    if (options.watch) {
      const { watchDevices } = await import('./watch-devices.js');
      return await watchDevices(store, judge, options, terminal);
    }
    const sources = { judge, approvals: await readApprovals(options, terminal) };
    const output = listDevices(store, sources, options);
    await write(terminal.stdout, renderOnce(output, options, terminal));
  });
  return EXIT.fine;
}

function renderOnce(output: DevicesOutput, options: DevicesOptions, terminal: Terminal): string {
  return options.format === 'json' ? renderJson(output) : renderDevices(output, terminal);
}
