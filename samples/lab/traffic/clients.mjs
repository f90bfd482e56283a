// Clients of the lab, run by agent.mjs inside a pod's namespace. `from` fixes the source port, so that a scenario and
// its README can name the connection.
import dgram from 'node:dgram';
import net, { isIPv6 } from 'node:net';
import { execFile } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import { decodeQuestion, encodeQuery } from './dns-message.mjs';

const knockFile = fileURLToPath(new URL('./knock.py', import.meta.url));
const raceFile = fileURLToPath(new URL('./race.py', import.meta.url));
const dnsPatienceMs = 15_000;
const resendMs = 1000;

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

/** One source port used again and again, each time within a fraction of a second after the end of the connection before. */
export async function reuse({ times, pauseMs, end = 'reset', ...request }) {
  for (let i = 0; i < times; i++) {
    await get({ ...request, end });
    await pause(pauseMs);
  }
}

/** Sends `bytes` bytes and gets a short answer; resolves to 'done', or 'silent' without an answer for `patienceMs`. */
export async function upload({ to, port = 80, from, bytes, patienceMs = 60_000 }) {
  const socket = net.connect({ host: to, port, localPort: from });
  await once(socket, 'connect');
  socket.write(`POST /whoami HTTP/1.1\r\nHost: ${to}\r\nContent-Length: ${bytes}\r\nConnection: close\r\n\r\n`);
  socket.write(randomBytes(bytes));
  const closed = once(socket, 'close');
  const answered = answerBody(socket).then(() => closed);
  const outcome = await Promise.race([answered.then(() => 'done'), pause(patienceMs, 'silent', { ref: false })]);
  socket.destroy();
  return outcome;
}

/** A connection that the server must refuse. */
export async function refused({ to, port = 80, from }) {
  const socket = net.connect({ host: to, port, localPort: from });
  const [error] = await once(socket, 'error');
  if (error.code !== 'ECONNREFUSED') throw error;
}

/**
 * Several requests over one connection, `pauseMs` apart; then it ends as `end` says. Where the connection breaks: resolves to
 * the error's code once it has, or to 'silent' after `patienceMs` without an answer.
 */
export async function talk({ patienceMs = 60_000, ...conversation }) {
  const socket = net.connect({ host: conversation.to, port: conversation.port ?? 80, localPort: conversation.from });
  const broken = new Promise((resolve) => socket.once('error', (error) => resolve(error.code)));
  const silent = pause(patienceMs, 'silent', { ref: false });
  const outcome = await Promise.race([converse(socket, conversation), broken, silent]);
  socket.destroy();
  return outcome;
}

async function converse(socket, { to, path = '/whoami', requests, pauseMs, end = 'close' }) {
  await once(socket, 'connect');
  for (let i = 0; i < requests; i++) {
    if (i > 0) await pause(pauseMs);
    socket.write(`GET ${path}?${i} HTTP/1.1\r\nHost: ${to}\r\nConnection: keep-alive\r\n\r\n`);
    await answerBody(socket);
  }
  const closed = once(socket, 'close');
  if (end === 'reset') socket.resetAndDestroy();
  else socket.end();
  await closed;
  return 'done';
}

/** Asks A and AAAA for each name from one socket, with random ids, again after a second, and waits for all answers. */
export async function resolve({ server, names, from = 0 }) {
  const socket = dgram.createSocket('udp4');
  socket.bind(from);
  await once(socket, 'listening');
  const awaited = new Map();
  for (const name of names) {
    for (const type of ['A', 'AAAA']) {
      const id = randomInt(1, 65536);
      awaited.set(id, encodeQuery(id, name, type));
    }
  }
  const ask = () => awaited.forEach((query) => socket.send(query, 53, server));
  socket.on('message', (message) => awaited.delete(decodeQuestion(message).id));
  ask();
  const again = setInterval(ask, resendMs);
  const deadline = AbortSignal.timeout(dnsPatienceMs);
  while (awaited.size > 0) await once(socket, 'message', { signal: deadline });
  clearInterval(again);
  socket.close();
}

/**
 * Datagrams of these sizes over one socket, each sent `pauseMs` after the one before was echoed; sent again after a second
 * without an echo. Resolves to 'done', or 'silent' after `patienceMs` without an echo.
 */
export async function echo({ to, port = 7, sizes, pauseMs = 0, from = 0, patienceMs = 15_000 }) {
  const socket = dgram.createSocket(isIPv6(to) ? 'udp6' : 'udp4');
  socket.bind(from);
  await once(socket, 'listening');
  let outcome = 'done';
  for (const [i, size] of sizes.entries()) {
    if (i > 0) await pause(pauseMs);
    const datagram = Buffer.alloc(size, `datagram ${i} of ${sizes.length}, random ${randomInt(2 ** 40)} `);
    const again = setInterval(() => socket.send(datagram, port, to), resendMs);
    socket.send(datagram, port, to);
    const silent = pause(patienceMs, 'silent', { ref: false });
    outcome = await Promise.race([once(socket, 'message').then(() => 'done'), silent]);
    clearInterval(again);
    if (outcome === 'silent') break;
  }
  socket.close();
  return outcome;
}

/** The same datagram from many sockets at once, once each; nobody answers. */
export async function knock({ to, port, count, text = 'anybody there?' }) {
  const sockets = Array.from({ length: count }, () => dgram.createSocket('udp4'));
  await Promise.all(sockets.map((socket) => once(socket.bind(0), 'listening')));
  await Promise.all(sockets.map((socket) => new Promise((sent) => socket.send(text, port, to, sent))));
  sockets.forEach((socket) => socket.close());
}

/** The same with IP id 0 in every packet, so that nothing but the port tells them apart. */
export async function knockAlike({ to, port, count, text = 'anybody there?' }) {
  await promisify(execFile)('python3', [knockFile, to, String(port), String(count), text]);
}

/** Connections from `from` on, one every `everyMs`, the first at `start` (ms since 1970), by a processor of its own. */
export async function race({ cpu, start, everyMs, to, port = 80, from, count }) {
  const args = [cpu, start / 1000, everyMs, to, port, from, count].map(String);
  await promisify(execFile)('python3', [raceFile, ...args]);
}

/** ICMP echo with a chosen id. With `ttl` it is expected to die on the way, with `mayFail` it may stay unanswered. */
export async function ping({ to, id, count, size = 56, ttl, mayFail = ttl !== undefined }) {
  const args = ['-n', '-q', '-i', '0.2', '-c', String(count), '-e', String(id), '-s', String(size), '-W', '1'];
  if (ttl !== undefined) args.push('-t', String(ttl));
  const ended = await promisify(execFile)('ping', [...args, to]).catch((error) => error);
  const unanswered = 1;
  if (ended instanceof Error && (ended.code !== unanswered || !mayFail)) throw ended;
}

function answerBody(socket) {
  let answer = '';
  return new Promise((resolve) => {
    const read = (chunk) => {
      answer += chunk;
      const headerEnd = answer.indexOf('\r\n\r\n');
      const [, length] = /content-length: (\d+)/i.exec(answer) ?? [];
      if (headerEnd < 0 || answer.length - headerEnd - 4 < Number(length)) return;
      socket.off('data', read);
      resolve(answer.slice(headerEnd + 4));
    };
    socket.setEncoding('latin1').on('data', read);
  });
}
