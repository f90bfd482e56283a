// What stands between and speaks for itself, run by agent.mjs: proxies and relays with sockets of their own.
import dgram from 'node:dgram';
import http from 'node:http';
import net from 'node:net';
import { once } from 'node:events';

/** Reads requests and makes its own to `to`, one connection each. */
export async function proxyHttp({ address, port, to }) {
  const proxy = http.createServer((request, response) => {
    const options = { host: to, path: request.url, agent: false, headers: { host: to, via: '1.1 gateway' } };
    http.get(options, (answer) => {
      response.writeHead(answer.statusCode, {
        'content-length': answer.headers['content-length'],
        connection: 'close',
      });
      answer.pipe(response);
    });
  });
  proxy.listen(port, address);
  await once(proxy, 'listening');
}

/** Copies bytes between each connection and one of its own. */
export async function relayTcp({ address, port, to, toPort }) {
  const relay = net.createServer((inner) => {
    const outer = net.connect(toPort, to);
    inner.pipe(outer).pipe(inner);
    for (const socket of [inner, outer]) socket.on('error', () => [inner, outer].forEach((end) => end.destroy()));
  });
  relay.listen(port, address);
  await once(relay, 'listening');
}

/** Copies datagrams between each sender and a socket of its own. */
export async function relayUdp({ address, port, to }) {
  const inner = dgram.createSocket('udp4');
  const outers = new Map();
  inner.on('message', (message, from) => {
    const sender = `${from.address}:${from.port}`;
    if (!outers.has(sender)) {
      const outer = dgram.createSocket('udp4');
      outer.on('message', (answer) => inner.send(answer, from.port, from.address));
      outers.set(sender, outer);
    }
    outers.get(sender).send(message, port, to);
  });
  inner.bind(port, address);
  await once(inner, 'listening');
}
