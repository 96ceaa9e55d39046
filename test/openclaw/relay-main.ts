/** From a socket of the file system, which all network namespaces share, to a port on loopback in this one. */
import { connect, createServer } from 'node:net';

const [path = '', port = ''] = process.argv.slice(2);

createServer((from) => {
  const to = connect(Number(port), '127.0.0.1');
  from.pipe(to).pipe(from);
  for (const [one, other] of [
    [from, to],
    [to, from],
  ] as const) {
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
}).listen(path, () => process.stdout.write('ready\n'));
