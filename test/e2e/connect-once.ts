/** OpenClaw's own client as a program, for where this process cannot go: stdin says which connect, stdout what came of it. */
import { text } from 'node:stream/consumers';
import type { ConnectOrder, ConnectReport } from './connect-within.js';
import { startClient } from './real-client.js';

const { url, device, options } = JSON.parse(await text(process.stdin)) as ConnectOrder;
const tokens = new Map(device.tokens);
const client = startClient(url, { ...device, tokens }, options);
const { hello, error, close } = await client.first;
await client.stop();
const report: ConnectReport = {
  scopes: hello?.auth.scopes,
  details: error?.details,
  failure: error?.message,
  close,
  tokens: [...tokens],
};
process.stdout.write(JSON.stringify(report));
