// The traffic of a case that asks for nothing in particular: each kind a few times, from every pod at once. It bears loss.
import { server } from '../line.mjs';

/** Two pods use these source ports to one destination. */
const samePorts = [41000, 41001];
const name = { dns: ['shop.example.com', 'api.example.net'] };

/** Starts what answers on the internet host. */
export async function startInternet(internet) {
  await internet.serveHttp({ addresses: [server.shop, server.api], port: 80 });
  await internet.serveDns({ addresses: [server.dns] });
  await internet.serveEcho({ addresses: [server.shop] });
}

/** What one pod does; `scale` multiplies the number of connections. */
export async function onePod(pod, n, scale = 1) {
  await Promise.all([
    pod.get({ to: server.shop, from: samePorts[0] }),
    pod.get({ to: server.shop, from: samePorts[1], end: 'reset' }),
    pod.get({ to: server.api, path: '/lines/20500' }),
    pod.burst({ to: server.api, connections: 10 * scale, exchange: 'get' }),
    pod.burst({ to: server.shop, connections: 5 * scale, exchange: 'probe' }),
    pod.resolve({ server: server.dns, names: name.dns }),
    pod.resolve({ server: server.dns, names: [name.dns[0]], from: 41053 }),
    pod.echo({ to: server.shop, sizes: [100, 300, 100] }),
    pod.ping({ to: server.shop, id: 4242, count: 4 }),
    pod.ping({ to: server.api, id: 4000 + n, count: 3, size: 600 }),
  ]);
}

/** Every pod at once. The agents are `pod1` … and `internet`. */
export async function mixed(at, lab, scale = 1) {
  await startInternet(at.internet);
  const pods = Object.keys(at).filter((agent) => /^pod\d/.test(agent));
  await Promise.all(pods.map((pod, i) => onePod(at[pod], i + 1, scale)));
}
