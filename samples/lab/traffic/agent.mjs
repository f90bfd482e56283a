// Runs inside a namespace and does what the recorder asks: a request a line on standard input, { id, action, args }, a
// reply a line on standard output, { id, result } or { id, error }. It ends with its standard input.
import readline from 'node:readline';
import * as clients from './clients.mjs';
import * as relays from './relays.mjs';
import * as servers from './servers.mjs';

const actions = { ...clients, ...servers, ...relays };

async function answer({ id, action, args }) {
  try {
    return { id, result: (await actions[action](args)) ?? null };
  } catch (error) {
    return { id, error: String(error.stack) };
  }
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  void answer(JSON.parse(line)).then((reply) => process.stdout.write(JSON.stringify(reply) + '\n'));
}
process.exit(0);
