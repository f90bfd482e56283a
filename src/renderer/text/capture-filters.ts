// Filters that show one leg in other tools, in their own syntax.
import type { Journey, Leg, Protocol } from '../../shared/contract.ts';

/** Wireshark's display filter for the leg, both directions. */
export function wiresharkFilter(proto: Protocol, leg: Leg): string {
  const ip = leg.src.includes(':') ? 'ipv6' : 'ip';
  const parts = [`${ip}.addr == ${leg.src}`, `${ip}.addr == ${leg.dst}`];
  if (hasPorts(proto)) {
    if (leg.sport !== null) parts.push(`${proto}.port == ${leg.sport}`);
    if (leg.dport !== null && leg.dport !== leg.sport) parts.push(`${proto}.port == ${leg.dport}`);
  } else if (proto === 'icmp' || proto === 'icmpv6') {
    parts.push(
      leg.icmpId === null ? proto : `${proto === 'icmp' ? 'icmp.ident' : 'icmpv6.echo.identifier'} == ${leg.icmpId}`,
    );
  } else parts.push(`${ip === 'ip' ? 'ip.proto' : 'ipv6.nxt'} == ${protocolNumber(proto)}`);
  return parts.join(' && ');
}

/** tcpdump's capture filter for the leg, both directions. */
export function tcpdumpFilter(proto: Protocol, leg: Leg): string {
  const parts = [`host ${leg.src}`, `host ${leg.dst}`];
  if (hasPorts(proto)) {
    if (leg.sport !== null) parts.push(`${proto} port ${leg.sport}`);
    if (leg.dport !== null && leg.dport !== leg.sport) parts.push(`${proto} port ${leg.dport}`);
  } else if (proto === 'icmp') parts.push(leg.icmpId === null ? 'icmp' : `icmp[4:2] = ${leg.icmpId}`);
  else if (proto === 'icmpv6') parts.push('icmp6');
  else parts.push(`${leg.src.includes(':') ? 'ip6' : 'ip'} proto ${protocolNumber(proto)}`);
  return parts.join(' and ');
}

/** Conntrack entries of the journey, a line a box. */
export function conntrackLines(journey: Journey): string[] {
  return journey.changes.flatMap((change) => (change.conntrack === null ? [] : [change.conntrack]));
}

function hasPorts(proto: Protocol): proto is 'tcp' | 'udp' | 'sctp' {
  return proto === 'tcp' || proto === 'udp' || proto === 'sctp';
}

function protocolNumber(proto: Protocol): string {
  return proto === 'gre' ? '47' : proto.replace('other:', '');
}
