// Servers of the lab, run by agent.mjs inside a namespace. They answer from the address that was asked, because each
// socket is bound to one address.
import dgram from 'node:dgram';
import http from 'node:http';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { decodeQuestion, encodeAnswer, recordType } from './dns-message.mjs';

const zone = {
  'shop.example.com': { A: ['198.51.100.10'], AAAA: ['2001:db8:10::10'] },
  'api.example.net': { A: ['198.51.100.20'], AAAA: ['2001:db8:20::20'] },
  'mirror.example.org': { A: ['203.0.113.200', '198.51.100.30'], AAAA: [] },
  'search.shop.svc.cluster.local': { A: ['172.20.61.18'], AAAA: [] },
};

const keepAliveMs = 60_000;
const backlog = 4096;

/** `GET /whoami` tells the client which address and port the server saw; `GET /lines/N` answers N bytes of text. */
export async function serveHttp({ addresses, port }) {
  for (const address of addresses) {
    const server = http.createServer((request, response) => {
      const [, lines] = /^\/lines\/(\d+)/.exec(request.url) ?? [];
      const { remoteAddress, remotePort } = request.socket;
      const body = lines ? numberedLines(Number(lines)) : `${remoteAddress}:${remotePort}\n`;
      response.sendDate = false;
      response.setHeader('Content-Length', body.length);
      request.resume().on('end', () => response.end(body));
    });
    server.keepAliveTimeout = keepAliveMs;
    server.listen(port, address, backlog);
    await once(server, 'listening');
  }
}

export async function serveDns({ addresses, port = 53 }) {
  for (const address of addresses) {
    const socket = dgram.createSocket('udp4');
    socket.on('message', (query, from) => {
      const { name, type } = decodeQuestion(query);
      socket.send(encodeAnswer(query, zone[name]?.[type === recordType.AAAA ? 'AAAA' : 'A']), from.port, from.address);
    });
    socket.bind(port, address);
    await once(socket, 'listening');
  }
}

/** Sends every datagram back; with `silent` it takes them and says nothing. */
export async function serveEcho({ addresses, port = 7, silent = false }) {
  for (const address of addresses) {
    const socket = dgram.createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    if (!silent) socket.on('message', (message, from) => socket.send(message, from.port, from.address));
    socket.bind(port, address);
    await once(socket, 'listening');
  }
}

function numberedLines(length) {
  const line = (i) => `line ${String(i).padStart(4, '0')} of a longer answer, so that it travels in several segments\n`;
  const count = Math.ceil(length / line(0).length);
  return Array.from({ length: count }, (_, i) => line(i))
    .join('')
    .slice(0, length);
}
