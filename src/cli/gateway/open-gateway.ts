/** A gateway as a command reaches it: logged in, with its store, and our block list beside it. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PairPolicyError } from '../../model/index.js';
import { connectGateway, type GatewayLink, GatewayStore } from '../../openclaw/index.js';
import { openBlockList } from '../../stores/index.js';
import { readVersion } from '../package-root.js';
import { findStateDir } from '../stores/state-dir.js';
import type { StoreOptions } from '../stores/store-options.js';
import { tellProblems } from '../stores/tell-problems.js';
import type { Terminal } from '../terminal.js';
import { readIdentity } from './gateway-identity.js';
import type { GatewayOptions } from './gateway-options.js';
import { readLogin } from './read-login.js';

/** Our own folder in a state folder. */
const OUR_FOLDER = 'pair-policy';

/** A gateway that is reached, and what is ours beside it; closing the store closes all. */
export interface OpenGateway {
  readonly link: GatewayLink;
  readonly store: GatewayStore;
  /** Where our files are. */
  readonly folder: string;
}

export interface OpenGatewayHow {
  /** Whether it is tried again where the gateway cannot be reached at first. */
  readonly waits?: boolean;
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
  /** Is told why there is no connection, each time that it was tried in vain. */
  readonly onMissed?: (error: PairPolicyError) => void;
  readonly onBlocksChange?: () => void;
}

/** Reaches the gateway. Throws with a code of `GATEWAY_…` where it cannot be reached, or refuses us. */
export async function openGateway(
  options: StoreOptions & GatewayOptions & { readonly gateway: string },
  terminal: Terminal,
  { waits = false, signal, onMissed, onBlocksChange = () => {} }: OpenGatewayHow = {},
): Promise<OpenGateway> {
  if (options.stateDir) await mkdir(options.stateDir, { recursive: true, mode: 0o700 });
  const stateDir = await findStateDir(options, terminal);
  const folder = join(stateDir, OUR_FOLDER);
  const blocks = await openBlockList(stateDir, {
    onProblem: (problems) => tellProblems(problems, terminal),
    onChange: onBlocksChange,
  });
  try {
    const link = await connectGateway({
      url: options.gateway,
      ...(await readLogin(options, terminal)),
      identity: () => readIdentity(folder),
      clientVersion: readVersion(),
      failsWhenUnreachable: !waits,
      signal,
      onMissed,
    });
    const store = new GatewayStore(link, { blocks, now: () => terminal.now() });
    return { link, store, folder };
  } catch (error) {
    await blocks.close();
    throw error;
  }
}
