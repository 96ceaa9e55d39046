/** Installs what the tests against real gateways run, so that none of them waits for it. */
import { nodeFolder, openclawProgram, RELEASES } from './releases.js';

nodeFolder();
for (const release of RELEASES) openclawProgram(release);
