// Mirrored traffic: a collector's capture holds what several interfaces elsewhere saw, each in a tunnel of its own number
// (AWS Traffic Mirroring: a VXLAN VNI a session; ERSPAN: a session id). Each of those is a point then. An overlay between
// nodes looks alike packet by packet, but is no mirror: its tunnels lead to several nodes, and back.
//
// The rule: the tunnels that one interface saw are a mirror's where all of them lead to one address, the collector's, and
// both directions of some connection travel there. While the capture is read, each number counts as a point, refuted or not,
// so that no connection is torn apart; at its end those points stand or are merged into the interface's own.
import { ERSPAN, VXLAN } from '../decode/encapsulation.ts';
import type { Headers } from '../decode/headers.ts';

/** More sessions than a collector has; so many numbers are another use of the tunnel. */
const MAX_SESSIONS = 256;

/** The mirror sessions that one interface may have seen. */
export class MirrorWatch {
  /** Point of each session, by kind and number of its tunnel. */
  readonly sessions = new Map<number, number>();
  private readonly collector = new Uint32Array(4);
  private hasCollector = false;
  private isRefuted = false;

  /** The session of this packet, null where there are too many. */
  sessionOf(h: Headers): number | null {
    const { collector } = this;
    const to = h.tunnelDestination;
    if (!this.hasCollector) {
      collector.set(to);
      this.hasCollector = true;
    }
    if (collector[3] !== to[3] || collector[2] !== to[2] || collector[1] !== to[1] || collector[0] !== to[0]) {
      this.isRefuted = true;
    }
    const session = h.tunnel * 0x1_0000_0000 + h.tunnelId;
    if (this.sessions.size < MAX_SESSIONS || this.sessions.has(session)) return session;
    this.isRefuted = true;
    return null;
  }

  /** Whether the sessions are points; `seenBothWays` says whether both directions of a connection were seen in one. */
  isMirror(seenBothWays: (point: number) => boolean): boolean {
    return !this.isRefuted && [...this.sessions.values()].some(seenBothWays);
  }
}

export function mayBeMirrored(h: Headers): boolean {
  return h.tunnel === VXLAN || h.tunnel === ERSPAN;
}

export function sessionName(h: Headers, interfaceName: string | null): string {
  const name = `${h.tunnel === VXLAN ? 'vni' : 'session'}${h.tunnelId}`;
  return interfaceName === null ? name : `${interfaceName}/${name}`;
}
