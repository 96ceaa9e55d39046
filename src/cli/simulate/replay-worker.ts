/** A thread of its own that replays blocks. It is bundled by itself, so that it loads nothing that reads policies. */
import { parentPort, workerData } from 'node:worker_threads';
import { serveReplay, type ThreadStart } from './serve-replay.js';

if (parentPort) serveReplay(parentPort, workerData as ThreadStart);
