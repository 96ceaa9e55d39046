/** From a socket of the file system, which all network namespaces share, or a port on loopback, to a port that is seen from here. */
import { connect, createServer } from 'node:net';

const [from = '', host = '', port = ''] = process.argv.slice(2);

const server = createServer((near) => {
  const far = connect(Number(port), host);
  near.pipe(far).pipe(near);
  for (const [one, other] of [
    [near, far],
    [far, near],
  ] as const) {
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
});
const tell = () => process.stdout.write('ready\n');
if (/^\d+$/.test(from)) server.listen(Number(from), '127.0.0.1', tell);
else server.listen(from, tell);
