// Clients of the lab, run by agent.mjs inside a pod's namespace. `from` fixes the source port, so that a scenario and
// its README can name the connection.
import dgram from 'node:dgram';
import net from 'node:net';
import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import { decodeQuestion, encodeQuery } from './dns-message.mjs';

const dnsPatienceMs = 3000;

/**
 * One HTTP request. `end` says how the connection ends: 'close' (FIN, begun by the server) or 'reset' (RST by the client
 * once the answer is complete). Resolves to the body.
 */
export async function get({ to, port = 80, path = '/whoami', from, end = 'close' }) {
  const socket = net.connect({ host: to, port, localPort: from });
  await once(socket, 'connect');
  const connection = end === 'close' ? 'close' : 'keep-alive';
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${to}\r\nConnection: ${connection}\r\n\r\n`);
  const closed = once(socket, 'close');
  const body = await answerBody(socket);
  if (end === 'reset') socket.resetAndDestroy();
  await closed;
  return body;
}

/** Connects and closes without a word, as a load balancer's health check does. */
export async function probe({ to, port = 80, from }) {
  const socket = net.connect({ host: to, port, localPort: from });
  await once(socket, 'connect');
  socket.resume().end();
  await once(socket, 'close');
}

/** Many connections to one destination at once; `exchange` is 'get' or 'probe'. */
export async function burst({ connections, exchange, ...request }) {
  const one = { get, probe }[exchange];
  await Promise.all(Array.from({ length: connections }, () => one(request)));
}

/** One source port used again and again, each time within a fraction of a second after a reset. */
export async function reuse({ times, pauseMs, ...request }) {
  for (let i = 0; i < times; i++) {
    await get({ ...request, end: 'reset' });
    await pause(pauseMs);
  }
}

/** A connection that the server must refuse. */
export async function refused({ to, port = 80, from }) {
  const socket = net.connect({ host: to, port, localPort: from });
  const [error] = await once(socket, 'error');
  if (error.code !== 'ECONNREFUSED') throw error;
}

/** Asks A and AAAA for each name from one socket, with random ids, and waits for all answers. */
export async function resolve({ server, names, from = 0 }) {
  const socket = dgram.createSocket('udp4');
  socket.bind(from);
  await once(socket, 'listening');
  const awaited = new Set();
  for (const name of names) {
    for (const type of ['A', 'AAAA']) {
      const id = randomInt(1, 65536);
      awaited.add(id);
      socket.send(encodeQuery(id, name, type), 53, server);
    }
  }
  socket.on('message', (message) => awaited.delete(decodeQuestion(message).id));
  const deadline = AbortSignal.timeout(dnsPatienceMs);
  while (awaited.size > 0) await once(socket, 'message', { signal: deadline });
  socket.close();
}

/** ICMP echo with a chosen id. */
export async function ping({ to, id, count, size = 56 }) {
  const args = ['-n', '-q', '-i', '0.2', '-c', String(count), '-e', String(id), '-s', String(size), to];
  await promisify(execFile)('ping', args);
}

function answerBody(socket) {
  let answer = '';
  return new Promise((resolve) => {
    socket.setEncoding('latin1').on('data', (chunk) => {
      answer += chunk;
      const headerEnd = answer.indexOf('\r\n\r\n');
      const [, length] = /content-length: (\d+)/i.exec(answer) ?? [];
      if (headerEnd >= 0 && answer.length - headerEnd - 4 >= Number(length)) resolve(answer.slice(headerEnd + 4));
    });
  });
}
