// The command line as scripts depend on it: exit codes, what stands on which stream, options, unreadable input.
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Report } from '../../src/core/report/model.ts';
import { VERSION } from '../../src/shared/version.ts';
import { bigCapture } from '../support/big-capture.ts';
import { CLI, snatscope } from '../support/cli.ts';
import { schemaProblems } from '../support/report-schema.ts';
import { SAMPLES } from '../support/requirements.ts';
import { drawScene, parseScene } from '../support/scene.ts';

const scratch = mkdtempSync(path.join(tmpdir(), 'snatscope-cli-'));
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

const SCENE = `
  point pod: pod1-veth.pcap
  point node: node-eth0.pcap
  0.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=1111111111 ts=5
  +0.001  node  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63
  +0.010  node  198.51.100.10:80 > 10.42.1.17:2000  tcp SYN ACK seq=900 ack=1111111112 ttl=60
  +0.001  pod   198.51.100.10:80 > 10.42.3.21:1000  " ttl=59`;
const ENTRY =
  'tcp      6 118 TIME_WAIT src=10.42.3.21 dst=198.51.100.10 sport=1000 dport=80 src=198.51.100.10 dst=10.42.1.17 sport=80 dport=2000 [ASSURED] mark=128 use=1\n';
const [POD, NODE] = drawScene(parseScene(SCENE));

/** A new folder with the scene's captures and these files; its path. */
function folder(name: string, files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const at = path.join(scratch, name);
  mkdirSync(at, { recursive: true });
  for (const { file, bytes } of [POD!, NODE!]) writeFileSync(path.join(at, file), bytes);
  for (const [file, content] of Object.entries(files)) writeFileSync(path.join(at, file), content);
  return at;
}

function json(args: readonly string[], cwd: string): Report {
  const { status, stdout, stderr } = snatscope(['report', '--format', 'json', ...args], { cwd });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout) as Report;
}

describe('usage', () => {
  const here = folder('usage');

  it.each([
    [[], /no command/],
    [['frobnicate'], /no command frobnicate/],
    [['report'], /no capture was named/],
    [['report', '--format', 'xml', 'pod1-veth.pcap'], /xml/],
    [['report', '--no-such-option', 'pod1-veth.pcap'], /no-such-option/],
    [['report', '--role', 'pod1-veth.pcap', 'pod1-veth.pcap'], /--role.*FILE/],
    [['report', '--role', 'pod1-veth.pcap=router', 'pod1-veth.pcap'], /no role router/],
    [['report', '--order', 'pod-veth,router', 'pod1-veth.pcap'], /no role router/],
    [['report', '--host', 'pod1-veth.pcap', 'pod1-veth.pcap'], /--host.*FILE=NAME/],
    [['report', '--conntrack', 'a.txt@router', 'pod1-veth.pcap'], /box.*router/],
    [['report', '--out', '/no/such/folder/r.txt', 'pod1-veth.pcap'], /\/no\/such\/folder\/r\.txt/],
    [['report', '--follow', '--format', 'csv', 'pod1-veth.pcap'], /--follow.*csv wants --out/],
    [['report', '--picture', 'pie', 'pod1-veth.pcap'], /--picture is map, ladder, not pie/],
    [['inspect'], /no capture was named/],
    [['inspect', '--format', 'csv', 'pod1-veth.pcap'], /csv/],
    [['report', '--filter', 'tcp.prt == 80', 'pod1-veth.pcap'], /no field tcp\.prt/],
    [['report', '--filter', 'point == router', 'pod1-veth.pcap'], /no point router/],
    [['report', '--time', '5', 'pod1-veth.pcap'], /--time has the form FROM\.\.TO.*not 5/],
    [['report', '--time', '1..soon', 'pod1-veth.pcap'], /--time: .*not with soon/],
    [['report', '--time', '2023-11-14T22:13:20Z..5', 'pod1-veth.pcap'], /--time.*both of one kind/],
  ])('%j is refused with code 2, the reason and nothing on stdout', (args, reason) => {
    const { status, stdout, stderr } = snatscope(args, { cwd: here });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(reason);
    expect(stderr.split('\n')[0]).toMatch(/^snatscope: /);
  });

  it('--help and --version say what they should, with code 0', () => {
    const help = snatscope(['--help']);
    expect(help).toMatchObject({ status: 0, stderr: '' });
    for (const option of [
      '--format',
      '--out',
      '--role',
      '--host',
      '--order',
      '--conntrack',
      '--filter',
      '--time',
      '--no-side-files',
    ]) {
      expect(help.stdout).toContain(option);
    }
    expect(snatscope(['report', '--help']).stdout).toBe(help.stdout);
    expect(snatscope(['--version'])).toMatchObject({ status: 0, stdout: `${VERSION}\n`, stderr: '' });
  });
});

describe('report', () => {
  it('reads a folder, or the same files one by one, or through a pipe', () => {
    const at = folder('inputs');
    const whole = json(['.'], at);
    expect(whole.points.map((p) => p.file)).toEqual(['pod1-veth.pcap', 'node-eth0.pcap']);
    expect(whole.journeys).toMatchObject([{ confidence: 'strong', legs: [{ sport: 1000 }, { sport: 2000 }] }]);
    expect(json(['pod1-veth.pcap', 'node-eth0.pcap'], at).journeys).toEqual(whole.journeys);
    // A file named twice, and by its folder, is one point.
    expect(json(['pod1-veth.pcap', './pod1-veth.pcap', '.'], at).points).toHaveLength(2);
    const piped = snatscope(['report', '--format', 'json', '-', 'node-eth0.pcap'], { cwd: at, input: POD!.bytes });
    expect(piped).toMatchObject({ status: 0, stderr: '' });
    const report = JSON.parse(piped.stdout) as Report;
    expect(report.journeys).toMatchObject([{ confidence: 'strong', legs: [{ sport: 1000 }, { sport: 2000 }] }]);
    expect(report.points[0]!.file).toBe('-');
  });

  it('says in text what it says in JSON', () => {
    const { stdout, status, stderr } = snatscope(['report', '.'], { cwd: folder('text') });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('pod1-veth -> node-eth0: SNAT 1');
    expect(stdout).toContain('tcp   10.42.3.21:1000 -> 10.42.1.17:2000 -> 198.51.100.10:80  1/1\n');
    expect(stdout).toContain('Total: 1 connection (1 strong), 1 translated');
    // eslint-disable-next-line no-control-regex -- colours and moves of the cursor are what must not be there
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });

  it('leaves the connections that pass a filter, and says so', () => {
    const at = folder('filter');
    const count = (...args: string[]): number => json([...args, '.'], at).journeys.length;
    expect(count()).toBe(1);
    expect(count('--filter', 'nat.port_changed && src@node-eth0 == 10.42.1.17')).toBe(1);
    expect(count('--filter', 'udp')).toBe(0);
    expect(count('--time', '0..1')).toBe(1);
    expect(count('--time', '0.5..')).toBe(0);
    expect(count('--time', '..2023-11-14T22:13:20Z')).toBe(1);
    expect(count('--filter', 'udp || tcp', '--time', '0.5..')).toBe(0);
    expect(json(['--filter', ' udp ', '.'], at).filter).toEqual({ expression: 'udp', journeys: 0, of: 1 });
    const text = snatscope(['report', '--filter', 'udp', '.'], { cwd: at });
    expect(text).toMatchObject({ status: 0, stderr: '' });
    expect(text.stdout).toContain('Filter: udp  (0 of 1 connection)\n');
    expect(text.stdout).toContain('No connection passes the filter.');
  });

  it('shows where a filter is wrong', () => {
    const { stderr } = snatscope(['report', '--filter', 'udp || tcp.prt == 80', '.'], { cwd: folder('caret') });
    expect(stderr).toBe(
      [
        'snatscope: --filter: there is no field tcp.prt',
        '  udp || tcp.prt == 80',
        '         ^~~~~~~',
        '  expected tcp.port',
        '  perhaps  udp || tcp.port == 80',
        'Try: snatscope --help\n',
      ].join('\n'),
    );
  });

  it('takes dumps beside the captures of a folder, unless told not to; names one by one with their box', () => {
    const at = folder('dumps', { 'node.conntrack': ENTRY });
    expect(json(['.'], at)).toMatchObject({
      journeys: [{ confidence: 'exact' }],
      sideFiles: [{ box: 'node', agree: 1 }],
    });
    expect(json(['--no-side-files', '.'], at)).toMatchObject({ journeys: [{ confidence: 'strong' }], sideFiles: [] });
    const unnamed = folder('dump-of-no-box', { 'elsewhere.txt': ENTRY });
    expect(json(['.'], unnamed)).toMatchObject({ sideFiles: [{ file: 'elsewhere.txt', box: 'other' }] });
    const named = ['--no-side-files', '--conntrack', 'elsewhere.txt@node', '.'];
    expect(json(named, unnamed)).toMatchObject({ journeys: [{ confidence: 'exact' }], sideFiles: [{ box: 'node' }] });
    expect(json(['pod1-veth.pcap', 'node-eth0.pcap', 'node.conntrack'], at).journeys[0]!.confidence).toBe('exact');
  });

  it('takes roles, hosts and order from the user', () => {
    const at = folder('options');
    const report = json(
      ['--role', 'pod1-veth.pcap=internet', '--host', 'node-eth0.pcap=node17', '--order', 'node-eth0,internet', '.'],
      at,
    );
    expect(report.points).toMatchObject([
      { file: 'pod1-veth.pcap', role: 'internet', roleSource: 'user', host: null },
      { file: 'node-eth0.pcap', role: 'node-eth0', roleSource: 'name', host: 'node17' },
    ]);
    expect(report.journeys[0]!.legs.map((l) => l.point)).toEqual(['p1', 'p0']);
  });

  it('takes the role of one interface of a file', () => {
    const text = `
      point veth: any.pcap if=3
      point eth0: any.pcap if=2
      0.000   veth  10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=1111111111 ts=5
      +0.001  eth0  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63`;
    const at = folder('interface', { 'any.pcap': drawScene(parseScene(text))[0]!.bytes });
    const roles = ['--role', 'any.pcap#if3=pod-veth', '--role', 'any.pcap#if2=node-eth0'];
    expect(json([...roles, 'any.pcap'], at).points.map((p) => [p.interface, p.role])).toEqual([
      ['if3', 'pod-veth'],
      ['if2', 'node-eth0'],
    ]);
  });

  it('--out writes there what would stand on stdout, and nothing on stdout', () => {
    const at = folder('out');
    const direct = snatscope(['report', '--format', 'json', '.'], { cwd: at }).stdout;
    const { status, stdout, stderr } = snatscope(['report', '--format', 'json', '--out', 'r.json', '.'], { cwd: at });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(readFileSync(path.join(at, 'r.json'), 'utf8')).toBe(direct);
  });
});

describe('input that cannot be read', () => {
  const empty = path.join(scratch, 'empty-folder');
  mkdirSync(empty);

  it.each([
    ['a missing file', 'missing.pcap', {}, /no such file/],
    ['a missing folder', 'missing/', {}, /no such file/],
    ['an empty file', 'empty.pcap', { 'empty.pcap': '' }, /empty/],
    ['a text', 'notes.txt', { 'notes.txt': 'Dear diary,\ntoday nothing worked.\n'.repeat(40) }, /not a capture/],
    ['a folder without captures', empty, {}, /no capture/],
  ])('%s: code 3, the reason on stderr, and the rest is reported', (_, bad, files, reason) => {
    const at = folder(`bad-${path.basename(bad)}`, files);
    const args = ['report', '--format', 'json', 'pod1-veth.pcap', bad, 'node-eth0.pcap'];
    const { status, stdout, stderr } = snatscope(args, { cwd: at });
    expect(status).toBe(3);
    expect(stderr).toMatch(reason);
    expect(stderr).toContain(path.basename(bad));
    const report = JSON.parse(stdout) as Report;
    expect(schemaProblems(report)).toEqual([]);
    expect(report.journeys).toMatchObject([{ confidence: 'strong' }]);
    expect(report.inputs.filter((i) => !i.ok)).toEqual([
      { file: bad, ok: false, error: expect.stringMatching(reason) as unknown },
    ]);
    // Alone it is an empty report, and still a report.
    const alone = snatscope(['report', '--format', 'json', bad], { cwd: at });
    expect(alone.status).toBe(3);
    expect(schemaProblems(JSON.parse(alone.stdout))).toEqual([]);
    expect(snatscope(['report', bad], { cwd: at }).stdout).toMatch(reason);
  });

  it('a truncated tail: everything before it, and the reason', () => {
    const at = folder('tail', { 'node-eth0.pcap': NODE!.bytes.slice(0, -20) });
    const { stdout, status } = snatscope(['report', '--format', 'json', '.'], { cwd: at });
    const report = JSON.parse(stdout) as Report;
    expect(status).toBe(0);
    expect(report.journeys).toMatchObject([{ confidence: 'strong' }]);
    expect(report.inputs.find((i) => i.file === 'node-eth0.pcap')!.error).toMatch(
      /ends within the record at offset \d+/,
    );
    expect(report.points[1]!.issues).toMatchObject([{ code: 'truncated-tail' }]);
    expect(snatscope(['report', '.'], { cwd: at }).stdout).toMatch(/node-eth0\.pcap: .*offset \d+/);
  });

  it('a dump that is none: code 3, and the captures are reported', () => {
    const at = folder('bad-dump', { 'node.conntrack': 'hello\n' });
    const { status, stderr, stdout } = snatscope(['report', '--format', 'json', '.'], { cwd: at });
    expect(status).toBe(3);
    expect(stderr).toMatch(/node\.conntrack.*neither conntrack entries/);
    expect((JSON.parse(stdout) as Report).journeys).toHaveLength(1);
  });

  it('no permission: code 3, and what to do', () => {
    const at = folder('forbidden');
    chmodSync(scratch, 0o755);
    chmodSync(path.join(at, 'node-eth0.pcap'), 0o000);
    const args = [CLI, 'report', '--format', 'json', '.'];
    // Root reads everything: somebody else has to try, who may not read the checkout either.
    const copy = path.join(scratch, 'out');
    cpSync(path.dirname(CLI), copy, { recursive: true });
    const root = process.getuid?.() === 0;
    const { status, stderr, stdout } = root
      ? spawnSync(
          'setpriv',
          [
            '--reuid=65534',
            '--regid=65534',
            '--clear-groups',
            process.execPath,
            path.join(copy, 'cli.js'),
            ...args.slice(1),
          ],
          { cwd: at, encoding: 'utf8' },
        )
      : spawnSync(process.execPath, args, { cwd: at, encoding: 'utf8' });
    expect(stderr).toMatch(/node-eth0\.pcap: no permission to read it; .*chown/);
    expect(status).toBe(3);
    expect((JSON.parse(stdout) as Report).points.map((p) => p.file)).toEqual(['pod1-veth.pcap']);
  });
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** Whether a process reads this file at the moment. */
function hasOpen(pid: number, file: string): boolean {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).some((fd) => {
    try {
      return readlinkSync(path.join(folder, fd)) === file;
    } catch {
      return false;
    }
  });
}

describe('a larger report', () => {
  const file = path.join(scratch, 'big.pcap');
  writeFileSync(file, bigCapture(30_000));

  it('comes out whole, through a pipe that is read slowly', async () => {
    const child = spawn(process.execPath, [CLI, 'report', '--format', 'json', file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    for await (const chunk of child.stdout.setEncoding('utf8')) {
      text += String(chunk);
      if (text.length < 1_000_000) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(text.length).toBeGreaterThan(5_000_000);
    const report = JSON.parse(text) as Report;
    expect(report.journeys).toHaveLength(30_000);
    expect(report.journeys.at(-1)!.id).toBe('j30000');
  });

  it('is given up on an interrupt: code 130, and nothing on stdout', async () => {
    const large = path.join(scratch, 'larger.pcap');
    writeFileSync(large, bigCapture(300_000));
    const child = spawn(process.execPath, [CLI, 'report', large], { stdio: ['ignore', 'pipe', 'pipe'] });
    let told = '';
    child.stdout.on('data', (data: Buffer) => (told += data.toString()));
    child.stderr.on('data', (data: Buffer) => (told += data.toString()));
    const closed = new Promise((resolve) => child.on('close', resolve));
    await until(() => hasOpen(child.pid!, large));
    child.kill('SIGINT');
    expect({ code: await closed, told }).toEqual({ code: 130, told: '' });
  });

  it('also while it waits for a pipe that brings nothing', async () => {
    const child = spawn(process.execPath, [CLI, 'report', '-'], { stdio: ['pipe', 'ignore', 'inherit'] });
    const closed = new Promise((resolve) =>
      child.on('close', (code, signal) => {
        resolve(code ?? signal);
      }),
    );
    // Enough for its workers to begin reading.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    child.kill('SIGINT');
    expect(await closed).toSatisfy((end: unknown) => end === 130 || end === 'SIGINT');
  }, 10_000);

  it('ends without complaint when the reader of the pipe has gone', () => {
    const { stdout, stderr } = spawnSync(
      'bash',
      [
        '-c',
        '"$0" "$1" report --format json "$2" | head -1; echo "code ${PIPESTATUS[0]}"',
        process.execPath,
        CLI,
        file,
      ],
      { encoding: 'utf8' },
    );
    expect({ stdout, stderr }).toEqual({ stdout: '{\ncode 0\n', stderr: '' });
  });
});

describe('inspect', () => {
  it('says what each file is, as JSON to the letter', () => {
    const at = folder('inspect', { 'notes.txt': 'hello '.repeat(100) });
    const { status, stdout, stderr } = snatscope(
      ['inspect', '--format', 'json', 'pod1-veth.pcap', 'notes.txt', 'gone.pcap'],
      { cwd: at },
    );
    expect(status).toBe(3);
    expect(stderr.split('\n').filter(Boolean)).toHaveLength(2);
    const { schema, files } = JSON.parse(stdout) as { schema: string; files: { file: string; points: object[] }[] };
    expect(schema).toBe('snatscope.inspect/1');
    const byName = new Map(files.map((f) => [f.file, f]));
    expect(byName.get('pod1-veth.pcap')).toMatchObject({
      ok: true,
      error: null,
      format: expect.stringMatching(/pcap/) as unknown,
      points: [
        {
          interface: null,
          linkType: 'EN10MB',
          packets: 2,
          bytes: 144,
          first: '2023-11-14T22:13:20.000000000Z',
          last: '2023-11-14T22:13:20.012000000Z',
          issues: [],
        },
      ],
    });
    expect(byName.get('notes.txt')).toMatchObject({
      ok: false,
      error: expect.stringMatching(/not a capture/) as unknown,
      format: null,
    });
    expect(byName.get('gone.pcap')).toMatchObject({
      ok: false,
      error: expect.stringMatching(/no such file/) as unknown,
      points: [],
    });
  });

  it('says it in text, code 0 where all is well', () => {
    const { status, stdout, stderr } = snatscope(['inspect', 'eks-nat-gateway'], { cwd: SAMPLES });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^pod1-veth\.pcap: .*pcap.*\n {2}EN10MB, \d+ packets, \d+ bytes, snap length \d+\n/m);
  });
});
