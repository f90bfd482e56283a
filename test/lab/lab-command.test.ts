// The lab's command line where it records nothing, and what every bundled sample must hold.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const samples = join(import.meta.dirname, '../../samples');
const command = join(samples, 'lab/record.mjs');
const onlyNode = mkdtempSync(join(tmpdir(), 'snatscope-path-'));
symlinkSync(process.execPath, join(onlyNode, 'node'));
afterAll(() => {
  rmSync(onlyNode, { recursive: true });
});

const lab = (args: string[], env = process.env) =>
  spawnSync(process.execPath, [command, ...args], { encoding: 'utf8', env });
const bundled = readdirSync(samples).filter((name) => readdirIfFolder(join(samples, name)).includes('sample.json'));

/** A sample of a failure: its truth says what was done, and its README follows a few connections only. */
const isOfFailure = (truth: string): boolean => truth.includes('"finding":');

function readdirIfFolder(path: string): string[] {
  return statSync(path).isDirectory() ? readdirSync(path, { recursive: true, encoding: 'utf8' }) : [];
}

describe('npm run lab', () => {
  it('lists one scenario for each bundled sample', () => {
    const { status, stdout } = lab(['--list']);
    expect(status).toBe(0);
    const listed = stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' ')[0]);
    expect(listed).toEqual(expect.arrayContaining(bundled));
  });

  it.each([[[]], [['no-such-scenario']], [['--no-such-option']], [['--list', 'eks-nat-gateway']]])(
    'refuses %j with the usage and exit code 2',
    (args) => {
      const { status, stderr } = lab(args);
      expect(status).toBe(2);
      expect(stderr).toContain('usage: npm run lab -- SCENARIO [--out DIR]');
    },
  );

  it('names the missing programs and the line that installs them', () => {
    const { status, stderr } = lab(['eks-nat-gateway'], { PATH: onlyNode });
    expect(status).toBe(2);
    expect(stderr).toMatch(/Not installed: ip, tcpdump, conntrack, .*apt-get install iproute2 tcpdump conntrack/);
  });
});

describe.each(bundled)('sample %s', (name) => {
  const folder = join(samples, name);

  it('is smaller than 500 kB', () => {
    const sizes = readdirIfFolder(folder).map((file) => statSync(join(folder, file)));
    const bytes = sizes.filter((entry) => entry.isFile()).reduce((sum, entry) => sum + entry.size, 0);
    expect(bytes).toBeLessThan(500_000);
  });

  it('follows connections in its README that its truth has', () => {
    const readme = readFileSync(join(folder, 'README.md'), 'utf8');
    const recorded = readme.slice(readme.indexOf('<!-- recorded: begin -->'));
    const told = [...recorded.matchAll(/^(\S+\.pcap) +(\S+:\d+) > (\S+:\d+) /gm)];
    const truth = readFileSync(join(folder, 'truth.json'), 'utf8');
    expect(told.length).toBeGreaterThanOrEqual(isOfFailure(truth) ? 4 : 20);
    for (const [, file, from, to] of told) {
      expect(truth).toContain(JSON.stringify({ file, flow: `${from}>${to}` }));
    }
  });
});
