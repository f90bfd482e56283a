// Numbers, sizes and times as the window writes them.

const NUMBER = new Intl.NumberFormat('en');

export function count(value: number): string {
  return NUMBER.format(value);
}

/** `1 packet`, `2,204 packets`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

export function bytes(value: number): string {
  if (value < 1000) return `${value} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let scaled = value;
  let unit = -1;
  do {
    scaled /= 1000;
    unit++;
  } while (scaled >= 999.5 && unit < units.length - 1);
  return `${scaled < 10 ? scaled.toFixed(1) : Math.round(scaled)} ${units[unit]!}`;
}

/** A length of time in the unit that suits it: `84 µs`, `1.42 ms`, `3.6 s`, `5 min 50 s`. */
export function duration(ns: number): string {
  const size = Math.abs(ns);
  if (size < 1e3) return `${Math.round(ns)} ns`;
  if (size < 1e6) return `${digits(ns / 1e3)} µs`;
  if (size < 1e9) return `${digits(ns / 1e6)} ms`;
  if (size < 60e9) return `${digits(ns / 1e9)} s`;
  const seconds = Math.round(ns / 1e9);
  return `${Math.trunc(seconds / 60)} min ${Math.abs(seconds % 60)} s`;
}

function digits(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size < 10 ? 2 : size < 100 ? 1 : 0);
}

/** Nanoseconds between two ISO times, which may carry nanoseconds. */
export function nsBetween(from: string, to: string): number {
  return nsOf(to, from);
}

function nsOf(time: string, base: string): number {
  const seconds = (Date.parse(`${time.slice(0, 19)}Z`) - Date.parse(`${base.slice(0, 19)}Z`)) / 1000;
  return seconds * 1e9 + fraction(time) - fraction(base);
}

function fraction(time: string): number {
  const digits_ = /\.(\d+)/.exec(time)?.[1] ?? '0';
  return Number(digits_.padEnd(9, '0').slice(0, 9));
}

/** Clock time of an ISO time, to the microsecond. */
export function clockTime(time: string): string {
  return time.slice(11, 26).replace('Z', '');
}

/** Seconds after a moment, as Wireshark writes relative time. */
export function sinceStart(ns: number): string {
  return (ns / 1e9).toFixed(3);
}

/** An address cut to so many characters: of IPv4 the end stays, which tells hosts apart, of IPv6 both ends. */
export function addressCut(address: string, characters: number): string {
  if (address.length <= characters) return address;
  const room = Math.max(2, characters - 1);
  if (!address.includes(':') || room < 9) return `…${address.slice(-room).replace(/^[.:]/, '')}`;
  const head = Math.ceil(room / 2);
  return `${address.slice(0, head)}…${address.slice(head - room)}`;
}

export function fileName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}
