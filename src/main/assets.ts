// The window's page and its files, served under a scheme of their own: no file:// page, no server, and a policy that lets
// the page load nothing but these files.
import { readFile } from 'node:fs/promises';
import path from 'node:path';

export const SCHEME = 'app';
const HOST = 'snatscope';
export const PAGE = `${SCHEME}://${HOST}/index.html`;

/** Styles may be inline, since the widgets' library places its popovers so; scripts never. */
export const CONTENT_SECURITY_POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'";

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

export function isOwnPage(url: string): boolean {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  return parsed !== null && parsed.protocol === `${SCHEME}:` && parsed.host === HOST;
}

/** Answers a request of the page with a file below `folder`; anything else is not found. */
export async function serveAsset(folder: string, request: Request): Promise<Response> {
  const file = request.method === 'GET' ? assetFile(folder, request.url) : null;
  const type = file === null ? undefined : TYPES[path.extname(file)];
  if (file === null || type === undefined) return notFound();
  try {
    return new Response(new Uint8Array(await readFile(file)), { headers: headers(type) });
  } catch {
    return notFound();
  }
}

/** The file that this address of ours names, or null where it names none below the folder. */
function assetFile(folder: string, address: string): string | null {
  if (!isOwnPage(address)) return null;
  try {
    const inside = decodeURIComponent(new URL(address).pathname);
    const file = path.join(folder, inside === '/' ? 'index.html' : inside);
    return file.startsWith(folder + path.sep) && !file.includes('\0') ? file : null;
  } catch {
    return null;
  }
}

function notFound(): Response {
  return new Response('Not found', { status: 404, headers: headers('text/plain; charset=utf-8') });
}

function headers(type: string): Record<string, string> {
  return {
    'content-type': type,
    'content-security-policy': CONTENT_SECURITY_POLICY,
    'x-content-type-options': 'nosniff',
  };
}
