// Numbers of the protocols (IANA) that the decoders know.

/** IP protocol numbers. */
export const HOP_BY_HOP = 0;
export const ICMP = 1;
export const IGMP = 2;
export const IPIP = 4;
export const TCP = 6;
export const UDP = 17;
export const DCCP = 33;
export const IPV6 = 41;
export const IPV6_ROUTE = 43;
export const IPV6_FRAGMENT = 44;
export const GRE = 47;
export const ESP = 50;
export const AH = 51;
export const ICMPV6 = 58;
export const NO_NEXT_HEADER = 59;
export const IPV6_OPTIONS = 60;
export const ETHERIP = 97;
export const PIM = 103;
export const SCTP = 132;
export const UDP_LITE = 136;
export const MPLS_IN_IP = 137;
export const ETHERNET_IN_IP = 143;

/** EtherTypes. */
export const ETHERTYPE_IPV4 = 0x0800;
export const ETHERTYPE_ARP = 0x0806;
export const ETHERTYPE_TRANSPARENT = 0x6558;
export const ETHERTYPE_IPV6 = 0x86dd;
export const ETHERTYPE_PPP = 0x880b;
export const ETHERTYPE_MPLS = 0x8847;
export const ETHERTYPE_MPLS_MULTICAST = 0x8848;
export const ETHERTYPE_PPPOE_SESSION = 0x8864;
export const ETHERTYPE_MACSEC = 0x88e5;
export const ETHERTYPE_NSH = 0x894f;
export const ETHERTYPE_VLAN = 0x8100;
export const ETHERTYPE_PROVIDER_VLAN = 0x88a8;
/** Provider tags from before 802.1ad. */
const ETHERTYPE_VLAN_9100 = 0x9100;
const ETHERTYPE_VLAN_9200 = 0x9200;
/** Smaller values of the EtherType field are IEEE 802.3 lengths. */
export const FIRST_ETHERTYPE = 0x0600;

/** TCP flag bits. */
export const TCP_FIN = 1;
export const TCP_SYN = 2;
export const TCP_RST = 4;
export const TCP_PSH = 8;
export const TCP_ACK = 16;

export function isVlanTag(etherType: number): boolean {
  return (
    etherType === ETHERTYPE_VLAN ||
    etherType === ETHERTYPE_PROVIDER_VLAN ||
    etherType === ETHERTYPE_VLAN_9100 ||
    etherType === ETHERTYPE_VLAN_9200
  );
}

/** Values of the address family in NULL and LOOP headers: IPv6 has another number on each system. */
export function etherTypeOfFamily(family: number): number {
  if (family === 2) return ETHERTYPE_IPV4;
  return family === 10 || family === 24 || family === 28 || family === 30 ? ETHERTYPE_IPV6 : 0;
}
