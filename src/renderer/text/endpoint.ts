// The two ends of a leg as text.
import type { Journey, Leg } from '../../shared/contract.ts';

export interface Endpoint {
  readonly address: string;
  /** `:51602`, ` id 7`, ` type 3`, or empty. */
  readonly port: string;
}

export function sourceOf(leg: Leg): Endpoint {
  if (leg.icmpId !== null) return { address: leg.src, port: ` id ${leg.icmpId}` };
  return { address: leg.src, port: portOf(leg.sport) };
}

export function destinationOf(leg: Leg): Endpoint {
  return { address: leg.dst, port: typeof leg.dport === 'number' ? portOf(leg.dport) : '' };
}

/** A number after a colon; of an ICMP message, `t3`, its type. */
function portOf(port: Leg['sport']): string {
  if (port === null) return '';
  return typeof port === 'number' ? `:${port}` : ` type ${port.replace(/^t/, '')}`;
}

/** `10.42.3.21:51602`, `[2001:db8::1]:51602`, `10.42.3.21 id 7`. */
export function joined({ address, port }: Endpoint): string {
  return address.includes(':') && port.startsWith(':') ? `[${address}]${port}` : `${address}${port}`;
}

export interface Changed {
  readonly address: boolean;
  readonly port: boolean;
}

export const UNCHANGED: Changed = { address: false, port: false };

export function changedFrom(before: Endpoint | undefined, after: Endpoint): Changed {
  if (before === undefined) return UNCHANGED;
  return { address: before.address !== after.address, port: before.port !== after.port };
}

/** The leg at a point; of two there, the outer. */
export function legAt(journey: Journey, point: string): Leg | undefined {
  return journey.legs.findLast((leg) => leg.point === point);
}

/** What changed from the leg before to the leg at a point. */
export function changedAt(journey: Journey, leg: Leg): Changed {
  const before = journey.legs[journey.legs.indexOf(leg) - 1];
  return changedFrom(before && sourceOf(before), sourceOf(leg));
}
