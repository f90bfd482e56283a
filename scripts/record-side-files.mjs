#!/usr/bin/env node
// Records the fixtures of test/support/side-files: what conntrack, iptables and nft of this machine print, in each of their
// forms, while a router between a client and a server translates. Root only; nothing outside its namespaces is touched.
//
//   node scripts/record-side-files.mjs [DIR]        (without DIR: into test/support/side-files)
//
// client 10.42.3.21, fd00:3::21 -- router -- server 198.51.100.10, 2001:db8::10. The traffic: HTTP over TCP, through a
// service address, over IPv6, refused, two pings, UDP plainly, in a zone, in a zone of one direction, with a label; GRE with
// and without a key, SCTP, ESP.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const out = path.resolve(process.argv[2] ?? path.join(fileURLToPath(import.meta.url), '../../test/support/side-files'));
const hosts = [];
const children = [];

function run(command, args, { input, allowFailure = false } = {}) {
  const done = spawnSync(command, args, { input, encoding: 'utf8', maxBuffer: 64 << 20 });
  if (done.error) throw done.error;
  if (done.status !== 0 && !allowFailure) throw new Error(`${[command, ...args].join(' ')}\n${done.stderr}`);
  return done.stdout;
}

class Host {
  constructor(name) {
    this.netns = `snatscope-fixtures-${process.pid}-${name}`;
    run('ip', ['netns', 'add', this.netns]);
    hosts.push(this);
    this.ip('link set lo up');
  }
  ip(...lines) {
    run('ip', ['-n', this.netns, '-batch', '-'], { input: `${lines.join('\n')}\n` });
  }
  run(command, args, options) {
    return run('ip', ['netns', 'exec', this.netns, command, ...args], options);
  }
  start(command, args, stdout = 'ignore') {
    const child = spawn('ip', ['netns', 'exec', this.netns, command, ...args], { stdio: ['ignore', stdout, 'ignore'] });
    children.push(child);
    return child;
  }
}

function close() {
  for (const child of children) child.kill('SIGINT');
  for (const { netns } of hosts) {
    const pids = spawnSync('ip', ['netns', 'pids', netns], { encoding: 'utf8' }).stdout.split('\n').filter(Boolean);
    for (const pid of pids) spawnSync('kill', ['-9', pid]);
    spawnSync('ip', ['netns', 'delete', netns]);
  }
  hosts.length = 0;
}

/** -o words of each form. */
const FORMS = {
  plain: [],
  extended: ['extended'],
  xml: ['xml'],
  save: ['save'],
  id: ['id'],
  timestamp: ['timestamp'],
  ktimestamp: ['ktimestamp'],
  'timestamp-xml': ['xml', 'timestamp'],
  all: ['extended', 'timestamp', 'id', 'ktimestamp', 'labels'],
};
const optionsOf = (form) => FORMS[form].flatMap((word) => ['-o', word]);

const RAW = `
import socket, struct, sys
def send(kind, payload, proto=0):
    s = socket.socket(socket.AF_INET, kind, proto); s.sendto(*payload); s.close()
for port in (5300, 5353, 5354, 5355):
    send(socket.SOCK_DGRAM, (b'hello', ('198.51.100.10', port)))
server = ('198.51.100.10', 0)
send(socket.SOCK_RAW, (struct.pack('!HHHHI', 0x3001, 0x880b, 4, 0x1234, 1) + b'abcd', server), 47)
send(socket.SOCK_RAW, (struct.pack('!HH', 0, 0x0800) + b'abcd', server), 47)
def crc32c(data):
    c = 0xffffffff
    for b in data:
        c ^= b
        for _ in range(8): c = (c >> 1) ^ (0x82f63b78 if c & 1 else 0)
    return c ^ 0xffffffff
init = struct.pack('!BBHIIHHI', 1, 0, 20, 0x11223344, 65535, 10, 10, 1)
head = struct.pack('!HHI', 5000, 36412, 0)
send(socket.SOCK_RAW, (head + struct.pack('<I', crc32c(head + bytes(4) + init)) + init, server), 132)
send(socket.SOCK_RAW, (struct.pack('!II', 0x1001, 1) + b'x' * 16, server), 50)
`;

function network() {
  const [client, router, server] = ['client', 'router', 'server'].map((name) => new Host(name));
  const join = (a, deviceA, b, deviceB) =>
    run('ip', ['link', 'add', deviceA, 'netns', a.netns, 'type', 'veth', 'peer', 'name', deviceB, 'netns', b.netns]);
  join(client, 'eth0', router, 'eni0123456789a');
  join(server, 'eth0', router, 'eth0');
  client.ip('addr add 10.42.3.21/24 dev eth0', 'addr add fd00:3::21/64 dev eth0 nodad', 'link set eth0 up');
  server.ip('addr add 198.51.100.10/24 dev eth0', 'addr add 2001:db8::10/64 dev eth0 nodad', 'link set eth0 up');
  router.ip(
    'addr add 10.42.3.1/24 dev eni0123456789a',
    'addr add fd00:3::1/64 dev eni0123456789a nodad',
    'addr add 198.51.100.1/24 dev eth0',
    'addr add 2001:db8::1/64 dev eth0 nodad',
    'link set eni0123456789a up',
    'link set eth0 up',
  );
  client.ip('route add default via 10.42.3.1', 'route add default via fd00:3::1');
  server.ip('route add default via 198.51.100.1', 'route add default via 2001:db8::1');
  const settings = ['ipv4/ip_forward', 'ipv6/conf/all/forwarding', 'netfilter/nf_conntrack_acct'];
  settings.push('netfilter/nf_conntrack_timestamp');
  router.run('sh', ['-ec', settings.map((name) => `echo 1 > /proc/sys/net/${name}`).join('\n')]);
  return { client, router, server };
}

const CONNTRACK_RULES = `*raw
-A PREROUTING -i eni+ -p udp -m udp --dport 5353 -j CT --zone 7
-A PREROUTING -i eni+ -p udp -m udp --dport 5354 -j CT --zone-orig 9
COMMIT
*mangle
-A PREROUTING -p udp -m udp --dport 5355 -m connlabel --label 1 --set
-A PREROUTING -p tcp -j CONNMARK --set-xmark 0x80/0x80
COMMIT
*nat
-A PREROUTING -d 172.20.0.10/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 198.51.100.10:8080
-A POSTROUTING -o eth0 -j SNAT --to-source 198.51.100.1 --random-fully
COMMIT
`;
/** The VPC CNI's and kube-proxy's rules with a service of two endpoints, as on a node with the address 198.51.100.1. */
const NODE_RULES = `*mangle
-A PREROUTING -i eth0 -m comment --comment "AWS, primary ENI" -m addrtype --dst-type LOCAL --limit-iface-in -j CONNMARK --set-xmark 0x80/0x80
-A PREROUTING -i eni+ -m comment --comment "AWS, primary ENI" -j CONNMARK --restore-mark --nfmask 0x80 --ctmask 0x80
COMMIT
*nat
:AWS-CONNMARK-CHAIN-0 -
:AWS-SNAT-CHAIN-0 -
:AWS-SNAT-CHAIN-1 -
:KUBE-MARK-MASQ -
:KUBE-POSTROUTING -
:KUBE-SERVICES -
:KUBE-SVC-WEB -
:KUBE-SEP-ONE -
:KUBE-SEP-TWO -
:IP-MASQ-AGENT -
-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A PREROUTING -i eni+ -m comment --comment "AWS, outbound connections" -j AWS-CONNMARK-CHAIN-0
-A PREROUTING -m comment --comment "AWS, CONNMARK" -j CONNMARK --restore-mark --nfmask 0x80 --ctmask 0x80
-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
-A POSTROUTING -m comment --comment "AWS SNAT CHAIN" -j AWS-SNAT-CHAIN-0
-A POSTROUTING -m comment --comment "ip-masq-agent: ensure nat POSTROUTING directs all non-LOCAL destination traffic to our custom IP-MASQ chain" -m addrtype ! --dst-type LOCAL -j IP-MASQ-AGENT
-A AWS-CONNMARK-CHAIN-0 -d 10.42.0.0/16 -m comment --comment "AWS CONNMARK CHAIN, VPC CIDR" -j RETURN
-A AWS-CONNMARK-CHAIN-0 -m comment --comment "AWS, CONNMARK" -j CONNMARK --set-xmark 0x80/0x80
-A AWS-SNAT-CHAIN-0 -d 10.42.0.0/16 -m comment --comment "AWS SNAT CHAIN" -j RETURN
-A AWS-SNAT-CHAIN-0 ! -d 10.43.0.0/16 -m comment --comment "AWS SNAT CHAIN EXCLUDED CIDR" -j AWS-SNAT-CHAIN-1
-A AWS-SNAT-CHAIN-1 ! -o vlan+ -m comment --comment "AWS, SNAT" -m addrtype ! --dst-type LOCAL -j SNAT --to-source 198.51.100.1 --random-fully
-A IP-MASQ-AGENT -d 10.0.0.0/8 -m comment --comment "ip-masq-agent: local traffic is not subject to MASQUERADE" -j RETURN
-A IP-MASQ-AGENT -p tcp -m comment --comment "ip-masq-agent: outbound traffic is subject to MASQUERADE (must be last in chain)" -j MASQUERADE --to-ports 1024-2048
-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0
-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully
-A KUBE-SERVICES -d 172.20.0.10/32 -p tcp -m comment --comment "shop/web cluster IP" -m tcp --dport 80 -j KUBE-SVC-WEB
-A KUBE-SVC-WEB ! -s 10.42.0.0/16 -d 172.20.0.10/32 -p tcp -m comment --comment "shop/web cluster IP" -m tcp --dport 80 -j KUBE-MARK-MASQ
-A KUBE-SVC-WEB -m comment --comment "shop/web -> 198.51.100.10:8080" -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-ONE
-A KUBE-SVC-WEB -m comment --comment "shop/web -> 198.51.100.10:8081" -j KUBE-SEP-TWO
-A KUBE-SEP-ONE -s 198.51.100.10/32 -m comment --comment "shop/web" -j KUBE-MARK-MASQ
-A KUBE-SEP-ONE -p tcp -m comment --comment "shop/web" -m tcp -j DNAT --to-destination 198.51.100.10:8080
-A KUBE-SEP-TWO -s 198.51.100.10/32 -m comment --comment "shop/web" -j KUBE-MARK-MASQ
-A KUBE-SEP-TWO -p tcp -m comment --comment "shop/web" -m tcp -j DNAT --to-destination 198.51.100.10:8081
COMMIT
`;
const NODE_RULES_V6 = `*nat
-A POSTROUTING -s fd00:3::/64 ! -d fd00::/8 -o eth0 -j SNAT --to-source 2001:db8::1
COMMIT
`;
const NFT_RULES = `
table ip nat {
  set pods { type ipv4_addr; flags interval; elements = { 10.42.3.0/24, 10.42.4.0/24 }; }
  map services { type ipv4_addr . inet_proto . inet_service : verdict; }
  chain web {
    ip protocol tcp counter dnat to numgen random mod 2 map { 0 : 198.51.100.10 . 8080, 1 : 198.51.100.10 . 8081 }
  }
  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    ip daddr . meta l4proto . th dport vmap @services
    tcp dport 2222 counter dnat to 198.51.100.10:22
  }
  chain marked { meta mark & 0x00004000 == 0x00000000 return; counter masquerade fully-random; }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip daddr { 10.42.0.0/16, 172.16.0.0/12 } counter return
    jump marked
    ip saddr @pods oifname != "vlan*" fib daddr type != local meta l4proto tcp counter snat to 198.51.100.1:1024-32767 fully-random
    ip saddr 10.9.0.0/16 oifname { "eth0", "eth1" } tcp dport 80-90 snat to 10.42.1.18-10.42.1.20 persistent comment "not snat to 1.2.3.4"
    ip saddr @pods udp dport != 53 counter masquerade to :1024-2048
    ip saddr @pods counter masquerade
  }
}
table ip6 nat6 {
  chain post {
    type nat hook postrouting priority 100; policy accept;
    ip6 saddr fd00:3::/64 oifname "eth0" counter snat to 2001:db8::1
  }
}
table inet mixed {
  chain post {
    type nat hook postrouting priority 110; policy accept;
    ip saddr 10.7.0.0/16 snat ip to 10.1.1.1
    ip6 saddr fd01::/16 masquerade
  }
}
add element ip nat services { 172.20.0.10 . tcp . 80 : jump web }
`;

const SERVER = `
import http.server, socket, sys, threading
class V6(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6
for cls, address, port in ((http.server.ThreadingHTTPServer, '198.51.100.10', 80), (http.server.ThreadingHTTPServer, '198.51.100.10', 8080), (http.server.ThreadingHTTPServer, '198.51.100.10', 8081), (V6, '2001:db8::10', 80)):
    server = cls((address, port), http.server.SimpleHTTPRequestHandler)
    threading.Thread(target=server.serve_forever).start()
print('ready', flush=True)
`;

/** Resolves once the four HTTP servers listen. */
async function serve(server) {
  const child = server.start('python3', ['-c', SERVER], 'pipe');
  await once(child.stdout, 'data');
}

function fetchAll(client) {
  const urls = ['http://198.51.100.10/', 'http://172.20.0.10/', 'http://[2001:db8::10]/', 'http://198.51.100.10:81/'];
  for (const url of urls) client.run('curl', ['-s', '-m', '5', '-o', '/dev/null', url], { allowFailure: true });
  client.run('ping', ['-c', '2', '-i', '0.2', '198.51.100.10']);
  client.run('ping', ['-c', '1', '2001:db8::10']);
  client.run('python3', ['-c', RAW]);
}

async function recordConntrack() {
  const { client, router, server } = network();
  router.run('iptables-restore', [], { input: CONNTRACK_RULES });
  router.run('ip6tables', ['-t', 'nat', '-A', 'POSTROUTING', '-o', 'eth0', '-j', 'MASQUERADE']);
  await serve(server);
  const logs = Object.keys(FORMS).filter((form) => form !== 'extended');
  for (const form of logs) {
    const file = fs.openSync(path.join(out, `conntrack-E.${form}`), 'w');
    router.start('conntrack', ['-E', ...optionsOf(form)], file);
    fs.closeSync(file);
  }
  await pause(500);
  fetchAll(client);
  await pause(500);
  router.run('sh', ['-c', `cat /proc/net/nf_conntrack > ${path.join(out, 'proc-nf_conntrack')}`]);
  for (const form of Object.keys(FORMS).filter((f) => !f.startsWith('timestamp'))) {
    fs.writeFileSync(path.join(out, `conntrack-L.${form}`), router.run('conntrack', ['-L', ...optionsOf(form)]));
  }
  router.run('conntrack', ['-D', '-p', 'udp'], { allowFailure: true });
  await pause(500);
  close();
}

async function recordRules(name, load, dumps) {
  const { client, router, server } = network();
  load(router);
  await serve(server);
  await pause(500);
  fetchAll(client);
  for (const [file, command, ...args] of dumps) {
    fs.writeFileSync(path.join(out, `${name}${file}`), router.run(command, args));
  }
  fs.writeFileSync(path.join(out, `${name}.entries`), router.run('conntrack', ['-L']));
  close();
}

process.on('exit', close);
fs.mkdirSync(out, { recursive: true });
await recordConntrack();
await recordRules(
  'node',
  (router) => {
    router.run('iptables-nft-restore', [], { input: NODE_RULES });
    router.run('ip6tables-nft-restore', [], { input: NODE_RULES_V6 });
  },
  [
    ['.iptables-save', 'iptables-nft-save', '-c'],
    ['.ip6tables-save', 'ip6tables-nft-save', '-c'],
    ['.nft', 'nft', 'list', 'ruleset'],
    ['.nft-handles', 'nft', '-a', 'list', 'ruleset'],
    ['.nft-json', 'nft', '-j', 'list', 'ruleset'],
  ],
);
await recordRules('legacy', (router) => router.run('iptables-legacy-restore', [], { input: NODE_RULES }), [
  ['.iptables-save', 'iptables-legacy-save', '-c'],
]);
await recordRules('native', (router) => router.run('nft', ['-f', '-'], { input: NFT_RULES }), [
  ['.nft', 'nft', 'list', 'ruleset'],
  ['.nft-handles', 'nft', '-a', 'list', 'ruleset'],
  ['.nft-json', 'nft', '-j', 'list', 'ruleset'],
]);
