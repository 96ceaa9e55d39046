/** `npm run bench`: builds what is measured, installs the peers, then measures. `--quick` takes a minute or two. */
import { installPeers } from './install-peers.js';
import { buildProduct } from './product.js';

installPeers();
await buildProduct();
// Only now is there something to import.
const { bench } = await import('./bench.js');
await bench(process.argv.slice(2));
