// Holds `snatscope inspect` against capinfos on public captures, and our reader against pcap-parser on the well-formed classic
// microsecond ones: the test captures of tcpdump, libpcap and Wireshark, out of Debian's source packages. Needs apt, tar
// and capinfos; everything is fetched into a temporary folder and removed, unless `--keep FOLDER` names one that stays
// (and is used again). The machine's own package lists stay as they are.
//
//   npm run oracle:public [-- [--keep FOLDER] [FOLDER…]]
//
// Captures in further folders are compared too.
//
// Exit code 1 where a disagreement is not one of those that docs/formats.md explains.
import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { comparedWithPcapParser } from './against-pcap-parser.mjs';
import { giveUp, ready, root, userFolder } from './ready.mjs';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const PACKAGES = ['tcpdump', 'libpcap', 'wireshark'];
/** Wireshark's names of the file types that are read here. */
const FILE_TYPES = /^(pcap|nsecpcap|modpcap|aixpcap|pcapng|snoop|shomiti)/;
/** What capinfos calls an encapsulation, and the names that it may have here. */
const ENCAPSULATIONS = {
  arcnet_linux: ['ARCNET_LINUX'],
  'atm-pdus': ['SUNATM'],
  'atm-rfc1483': ['ATM_RFC1483'],
  chdlc: ['C_HDLC'],
  dbus: ['DBUS'],
  dvbci: ['DVB_CI'],
  ether: ['EN10MB'],
  'fddi-swapped': ['FDDI'],
  frelay: ['FRELAY'],
  'ieee-802-11': ['IEEE802_11'],
  'ieee-802-11-radiotap': ['IEEE802_11_RADIO'],
  'ip-ib': ['IPOIB'],
  ipnet: ['IPNET'],
  'juniper-atm1': ['JUNIPER_ATM1'],
  'juniper-ether': ['JUNIPER_ETHER'],
  'linux-atm-clip': ['ATM_CLIP'],
  'linux-sll': ['LINUX_SLL'],
  nflog: ['NFLOG'],
  null: ['NULL'],
  ppp: ['PPP', 'PPP_SERIAL'],
  rawip: ['RAW'],
  rawip4: ['IPV4'],
  rawip6: ['IPV6'],
  slip: ['SLIP'],
  tr: ['IEEE802'],
  user2: ['USER2'],
  user13: ['USER13'],
  vsock: ['VSOCK'],
  wpan: ['IEEE802_15_4'],
};
/** Files that only one of capinfos and Snatscope reads; why stands in docs/formats.md. */
const EXPLAINED = new Set([
  'libpcap/tests/shb-option-too-long.pcapng',
  'libpcap/tests/pcapng-invalid-vers-2.pcapng',
  ...['brcm-tag-prepend', 'brcm-tag', 'dsa-high-vid', 'dsa', 'edsa-high-vid', 'edsa', 'frf16_magic_ie-oobr'].map(
    (name) => `tcpdump/tests/${name}.pcap`,
  ),
  ...['hoobr_juniper3', 'juniper_es_oobr', 'kday6', 'vtp_asan', 'vtp_asan-2', 'vtp_asan-3'].map(
    (name) => `tcpdump/tests/${name}.pcap`,
  ),
]);

const { values, positionals } = parseArgs({ options: { keep: { type: 'string' } }, allowPositionals: true });
const folder = values.keep
  ? path.resolve(userFolder(), values.keep)
  : fs.mkdtempSync(path.join(tmpdir(), 'snatscope-public-captures-'));
process.on('exit', () => {
  if (!values.keep) fs.rmSync(folder, { recursive: true, force: true });
});

for (const program of ['apt-get', 'tar', 'capinfos']) {
  if (spawnSync(program, ['--version'], { stdio: 'ignore' }).error) giveUp(`${program} is not installed here`);
}
ready();
const captures = path.join(folder, 'captures');
if (!fs.existsSync(captures)) fetchCaptures();
const further = positionals.flatMap((given) => filesUnder(path.resolve(userFolder(), given)));
const files = [...filesUnder(captures), ...further];
const agreement = [compareWithCapinfos(files), await compareWithPcapParser(files)];
process.exitCode = agreement.every(Boolean) ? 0 : 1;

/** Fetches the source packages by a package list of our own, and unpacks their tests. */
function fetchCaptures() {
  const lists = path.join(folder, 'lists');
  const cache = path.join(folder, 'cache');
  for (const part of [lists, cache]) fs.mkdirSync(path.join(part, 'partial'), { recursive: true });
  const sources = path.join(folder, 'sources.list');
  fs.writeFileSync(sources, `${sourceLine()}\n`);
  const options = {
    'Dir::Etc::sourcelist': sources,
    'Dir::Etc::sourceparts': '-',
    'Dir::State::lists': lists,
    'Dir::Cache': cache,
    'APT::Sandbox::User': 'root',
  };
  const args = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const run = (...command) =>
    execFileSync('apt-get', [...args, '-qq', ...command], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  console.log(`Fetching the source packages ${PACKAGES.join(', ')} …`);
  run('update');
  run('source', '--download-only', ...PACKAGES);
  for (const name of PACKAGES) {
    const archive = fs
      .readdirSync(folder)
      .find((file) => file.startsWith(`${name}_`) && /\.orig\.tar\.\w+$/.test(file));
    if (!archive) giveUp(`the source package ${name} has no archive of its own`);
    const target = path.join(folder, 'unpacking', name);
    fs.mkdirSync(target, { recursive: true });
    const kept = ['--wildcards', '--strip-components=1', '*/test*'];
    execFileSync('tar', ['-xf', path.join(folder, archive), '-C', target, ...kept], { stdio: 'inherit' });
  }
  fs.renameSync(path.join(folder, 'unpacking'), captures);
}

/** Where this machine has Debian's packages from, as a source of source packages. */
function sourceLine() {
  const format = '$(ORIGIN)|$(LABEL)|$(COMPONENT)|$(REPO_URI)|$(CODENAME)';
  const targets = execFileSync('apt-get', ['indextargets', '--format', format, 'Created-By: Packages'], {
    encoding: 'utf8',
  });
  for (const line of targets.split('\n')) {
    const [origin, label, component, uri, codename] = line.split('|');
    if (origin !== 'Debian' || label !== 'Debian' || component !== 'main' || codename.includes('-')) continue;
    return `deb-src ${fs.existsSync(KEYRING) ? `[signed-by=${KEYRING}] ` : ''}${uri} ${codename} main`;
  }
  return giveUp('this machine knows no Debian archive (apt-get update first?)');
}

function filesUnder(top) {
  return fs
    .readdirSync(top, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

/** True where nothing but what is explained differs. */
function compareWithCapinfos(files) {
  const ours = inspected(files);
  const theirs = asked(files);
  const disagreements = [];
  let packets = 0;
  let agreed = 0;
  for (const [index, file] of files.entries()) {
    const name = nameOf(file);
    const { points, error, format } = ours[index];
    const counted = points.reduce((sum, point) => sum + point.packets, 0);
    const said = theirs.get(file);
    if (!said) {
      if (counted > 0) disagreements.push({ name, why: `capinfos does not read it; here ${counted} packets` });
      continue;
    }
    const linkTypes = new Set(points.filter((point) => point.packets > 0).map((point) => point.linkType));
    if (said.packets !== counted) {
      const reason = error === null ? '' : ` (${error})`;
      disagreements.push({ name, why: `${said.packets} packets, here ${counted}${reason}` });
    } else if (!sameLinkTypes(said.encapsulation, linkTypes, points)) {
      disagreements.push({ name, why: `${said.encapsulation}, here ${[...linkTypes].join(', ')} (${format})` });
    } else {
      agreed += 1;
      packets += counted;
    }
  }
  console.log(`${files.length} files; ${theirs.size} are captures that capinfos reads`);
  console.log(`${agreed} of them agree in packets (${packets} in all) and link types`);
  return tell(disagreements, EXPLAINED);
}

/** True where nothing differs. */
async function compareWithPcapParser(files) {
  const answers = await comparedWithPcapParser(files);
  const asked = answers.filter((answer) => answer !== null);
  const agreed = asked.filter(({ differences }) => differences.length === 0);
  const packets = agreed.reduce((sum, answer) => sum + answer.packets, 0);
  console.log(`${asked.length} files are well-formed classic microsecond captures`);
  console.log(`${agreed.length} of them agree with pcap-parser packet by packet (${packets} packets in all)`);
  const disagreements = answers.flatMap((answer, index) =>
    (answer?.differences ?? []).slice(0, 1).map((why) => ({ name: nameOf(files[index]), why })),
  );
  return tell(disagreements, new Set());
}

/** True where all are explained. */
function tell(disagreements, explanations) {
  let unexplained = 0;
  for (const { name, why } of disagreements) {
    const explained = isExplained(name, explanations);
    if (!explained) unexplained += 1;
    console.log(`${explained ? 'explained: ' : 'DIFFERS:   '}${name}: ${why}`);
  }
  console.log(`${disagreements.length} disagreements, ${unexplained} of them not explained`);
  return unexplained === 0;
}

function nameOf(file) {
  return path.relative(captures, file).split(path.sep).join('/');
}

/** Also of copies: the last part of the name tells. */
function isExplained(name, explanations) {
  return [...explanations].some((known) => name.endsWith(path.posix.basename(known)));
}

function sameLinkTypes(encapsulation, linkTypes, points) {
  if (encapsulation === 'per-packet') return new Set(points.map((point) => point.linkType)).size > 1;
  const allowed = ENCAPSULATIONS[encapsulation];
  return [...linkTypes].every((linkType) => allowed?.includes(linkType));
}

function inspected(files) {
  const cli = path.join(root, 'out', 'main', 'cli.js');
  const { stdout } = spawnSync(process.execPath, [cli, 'inspect', '--format', 'json', ...files], {
    encoding: 'utf8',
    maxBuffer: 1024 * 1024 * 1024,
  });
  const inspection = JSON.parse(stdout);
  if (inspection.files.length !== files.length) giveUp('inspect left out files');
  return inspection.files;
}

/** Of the files that capinfos reads and that are captures: path -> packets and encapsulation. */
function asked(files) {
  const { stdout } = spawnSync('capinfos', ['-Tmr', '-t', '-E', '-c', '-K', ...files], {
    encoding: 'utf8',
    maxBuffer: 1024 * 1024 * 1024,
  });
  const answers = new Map();
  for (const line of stdout.split('\n')) {
    const [packets, encapsulation, type, ...name] = line.split(',').reverse();
    if (name.length === 0 || !FILE_TYPES.test(type)) continue;
    answers.set(name.reverse().join(','), { packets: Number(packets), encapsulation });
  }
  return answers;
}
