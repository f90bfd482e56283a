// The window's page is confined: no Node, no other address, no request but those of the contract.
import { readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CONTENT_SECURITY_POLICY } from '../../src/main/assets.ts';
import { describeDesktop, launch, launchAsOrdinaryUser, root } from './support.ts';
import type { Running } from './support.ts';

describeDesktop('the page', () => {
  let running: Running;
  beforeAll(async () => {
    running = await launch();
  });
  afterAll(async () => {
    await running.close();
  });

  it('runs sandboxed, isolated and without Node', async () => {
    const preferences = await running.app.evaluate(({ BrowserWindow }) => {
      const page = BrowserWindow.getAllWindows()[0]!.webContents as Electron.WebContents & {
        getLastWebPreferences(): Electron.WebPreferences;
      };
      return page.getLastWebPreferences();
    });
    expect(preferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
    });
    const reach = await running.page.evaluate(() =>
      ['process', 'require', 'module', 'Buffer'].filter((name) => name in window),
    );
    expect(reach).toEqual([]);
  });

  it('is served under its own scheme, with the policy as a header', async () => {
    expect(running.page.url()).toBe('app://snatscope/index.html');
    const answers = await running.page.evaluate(async () => {
      const ask = async (address: string): Promise<[number, string | null, string | null]> => {
        const { status, headers } = await fetch(address);
        return [status, headers.get('content-security-policy'), headers.get('content-type')];
      };
      return [await ask('index.html'), await ask('..%2f..%2fpackage.json'), await ask('/nothing.js')];
    });
    expect(answers[0]).toEqual([200, CONTENT_SECURITY_POLICY, 'text/html; charset=utf-8']);
    expect(answers.slice(1).map(([status]) => status)).toEqual([404, 404]);
  });

  it('runs no inline script and evaluates no text', async () => {
    const ran = await running.page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'window.inlineRan = true';
      document.head.append(script);
      return 'inlineRan' in window;
    });
    expect(ran).toBe(false);
  });

  it('can reach no other address, not even on this machine', async () => {
    let asked = 0;
    const server = createServer((_, answer) => {
      asked++;
      answer.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const outcomes = await running.page.evaluate(async (address) => {
      const image = new Promise<string>((resolve) => {
        const element = new Image();
        element.onload = () => {
          resolve('loaded');
        };
        element.onerror = () => {
          resolve('refused');
        };
        element.src = `${address}image.svg`;
      });
      const fetched = fetch(`${address}data`).then(
        () => 'loaded',
        () => 'refused',
      );
      const beacon = navigator.sendBeacon(`${address}beacon`, 'text');
      return [await image, await fetched, String(beacon)];
    }, `http://127.0.0.1:${port}/`);
    server.close();
    expect(outcomes.slice(0, 2)).toEqual(['refused', 'refused']);
    expect(asked).toBe(0);
  });

  it('cannot navigate, open a window or get a permission', async () => {
    const permission = await running.page.evaluate(async () => {
      window.open('https://192.0.2.1/');
      location.href = 'https://192.0.2.1/';
      return Notification.requestPermission();
    });
    expect(permission).toBe('denied');
    expect(running.page.url()).toBe('app://snatscope/index.html');
    expect(running.app.windows()).toHaveLength(1);
  });

  it('gets a clear refusal for arguments that are not those of the contract', async () => {
    const refusals = await running.page.evaluate(async () => {
      const { snatscope } = window as unknown as {
        snatscope: { request(name: string, ...args: unknown[]): Promise<unknown> };
      };
      const why = (name: string, ...args: unknown[]): Promise<string> =>
        snatscope.request(name, ...args).then(
          () => 'answered',
          (error: unknown) => (error as Error).message,
        );
      return {
        type: await why('open', 7),
        relative: await why('open', ['relative.pcap']),
        ungiven: await why('open', ['/etc/passwd']),
        count: await why('journeys'),
        range: await why('journeys', { filter: '', sort: 'start', descending: false, offset: 0, limit: 1e6 }),
        role: await why('setRole', 'p0', 'router'),
        sample: await why('openSample', '../docs'),
        nothingOpen: await why('journey', 'j1'),
        unknown: await why('quit'),
      };
    });
    expect(refusals).toMatchObject({
      type: 'Refused: argument 1 of open must be a list of at most 1000.',
      relative: 'Refused: argument 1 of open must be absolute paths.',
      ungiven: expect.stringContaining('Refused: /etc/passwd was not chosen') as string,
      count: 'Refused: journeys must be 1 arguments, not 0.',
      range: 'Refused: limit of argument 1 of journeys must be a whole number from 0 to 500.',
      role: expect.stringContaining('Refused: argument 2 of setRole must be one of pod-veth') as string,
      sample: expect.stringContaining('There is no sample "../docs".') as string,
      nothingOpen: expect.stringContaining('Nothing is open.') as string,
    });
    expect(refusals.unknown).not.toBe('answered');
  });

  it('is the only page whose requests are answered', async () => {
    const answers = await running.app.evaluate(
      async ({ BrowserWindow }, preload) => {
        const ask = async (address: string): Promise<unknown> => {
          const foreign = new BrowserWindow({ show: false, webPreferences: { preload, sandbox: true } });
          await foreign.loadURL(address);
          const answer: unknown = await foreign.webContents.executeJavaScript(
            "snatscope.request('samples').then(() => 'answered', (error) => error.message)",
          );
          foreign.destroy();
          return answer;
        };
        return [await ask('app://snatscope/index.html'), await ask('about:blank')];
      },
      path.join(root, 'out', 'preload', 'index.cjs'),
    );
    const refusal = 'Refused: this request does not come from the window of Snatscope.';
    expect(answers).toEqual([refusal, refusal]);
  });
});

describeDesktop('as an ordinary user', () => {
  it("runs in Chromium's real sandbox and opens a sample", async () => {
    const running = await launchAsOrdinaryUser();
    try {
      await running.page.getByTestId('sample-card-eks-nat-gateway').click();
      await running.page.getByTestId('journeys').waitFor();
      const [main, page] = await running.app.evaluate(({ BrowserWindow }) => [
        process.pid,
        BrowserWindow.getAllWindows()[0]!.webContents.getOSProcessId(),
      ]);
      // 2: a filter on system calls; and the page sees no other process.
      expect(readFileSync(`/proc/${page}/status`, 'utf8')).toMatch(/^Seccomp:\t2$/m);
      expect(readlinkSync(`/proc/${page}/ns/pid`)).not.toBe(readlinkSync(`/proc/${main}/ns/pid`));
      expect(readFileSync(`/proc/${main}/status`, 'utf8')).not.toMatch(/^Uid:\t0\t/m);
    } finally {
      await running.close();
    }
  });
});
