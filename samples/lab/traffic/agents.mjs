// The recorder's side of an agent: `await agent.get({ to: … })` runs traffic/clients.mjs' `get` inside the namespace.
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';

const agentFile = fileURLToPath(new URL('./agent.mjs', import.meta.url));

/** Every client and server action is a method; it rejects with the agent's error or when the agent has ended. */
export function startAgent(host) {
  const child = host.start(process.execPath, [agentFile], { stdio: ['pipe', 'pipe', 'inherit'] });
  const open = new Map();
  let lastId = 0;
  readline.createInterface({ input: child.stdout }).on('line', (line) => {
    const { id, result, error } = JSON.parse(line);
    const { resolve, reject } = open.get(id);
    open.delete(id);
    if (error) reject(new Error(`${host.name}: ${error}`));
    else resolve(result);
  });
  child.on('exit', () => open.forEach(({ reject }) => reject(new Error(`the agent at ${host.name} has ended`))));
  const ask = (action) => (args) => {
    const answer = new Promise((resolve, reject) => {
      open.set(++lastId, { resolve, reject });
      child.stdin.write(JSON.stringify({ id: lastId, action, args }) + '\n');
    });
    answer.catch(() => {}); // a scenario may fail elsewhere before it awaits this one
    return answer;
  };
  // `then` must stay undefined, or awaiting the agent itself would send it as an action.
  return new Proxy({}, { get: (_, action) => (action === 'then' ? undefined : ask(action)) });
}
