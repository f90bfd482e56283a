// TCP's options, one by one.
import { u16be, u32be } from '../../bytes/integers.ts';
import { type DetailWriter, hexBytes } from './fields.ts';

const NAMES: ReadonlyMap<number, string> = new Map([
  [2, 'MSS'],
  [3, 'window scale'],
  [4, 'SACK permitted'],
  [5, 'SACK'],
  [8, 'timestamps'],
  [19, 'MD5 signature'],
  [28, 'user timeout'],
  [29, 'authentication'],
  [30, 'multipath'],
  [34, 'fast open'],
]);

/** The options at [start, optionsEnd), of which those before `end` were captured. */
export function tcpOptionsDetail(out: DetailWriter, start: number, optionsEnd: number, end: number): void {
  if (start >= optionsEnd || start >= end) return;
  const { bytes } = out;
  const captured = Math.min(optionsEnd, end);
  const order: string[] = [];
  const pending: (() => void)[] = [];
  let at = start;
  while (at < captured) {
    const from = at;
    const kind = bytes[at]!;
    if (kind === 0) {
      order.push('end');
      break;
    }
    if (kind === 1) {
      order.push('NOP');
      at += 1;
      continue;
    }
    const length = at + 1 < captured ? bytes[at + 1]! : 0;
    const name = NAMES.get(kind) ?? `option ${kind}`;
    if (length < 2 || at + length > captured) {
      order.push(`${name} (cut or not valid)`);
      break;
    }
    order.push(name);
    pending.push(() => {
      option(out, kind, name, from, length);
    });
    at += length;
  }
  out.field('options', 'Options', start, captured - start, () => order.join(', '));
  for (const add of pending) add();
}

function option(out: DetailWriter, kind: number, name: string, at: number, length: number): void {
  const { bytes } = out;
  const label = name.charAt(0).toUpperCase() + name.slice(1);
  if (kind === 2 && length === 4) {
    out.field('option.mss', label, at + 2, 2, (from) => String(u16be(bytes, from)));
  } else if (kind === 3 && length === 3) {
    out.field(
      'option.windowScale',
      label,
      at + 2,
      1,
      (from) => `${bytes[from]!} (times ${2 ** Math.min(bytes[from]!, 14)})`,
    );
  } else if (kind === 4) {
    out.field('option.sackPermitted', label, at, length, () => 'yes');
  } else if (kind === 5) {
    out.field('option.sack', label, at + 2, length - 2, (from) => sackBlocks(bytes, from, at + length));
  } else if (kind === 8 && length === 10) {
    out.field('option.tsVal', 'TSval', at + 2, 4, (from) => String(u32be(bytes, from)));
    out.field('option.tsEcr', 'TSecr', at + 6, 4, (from) => String(u32be(bytes, from)));
  } else {
    out.field(`option.${kind}`, label, at, length, (from) => hexBytes(bytes, from, at + length, ' '));
  }
}

function sackBlocks(bytes: Uint8Array, start: number, end: number): string {
  const blocks: string[] = [];
  for (let at = start; at + 8 <= end; at += 8) blocks.push(`${u32be(bytes, at)}-${u32be(bytes, at + 4)}`);
  return blocks.join(' ') || 'none';
}
