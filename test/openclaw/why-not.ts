/** Prints why there can be no real gateways here; nothing where there can. */
import { whyNoNetwork } from './network.js';

process.stdout.write(whyNoNetwork() ?? '');
