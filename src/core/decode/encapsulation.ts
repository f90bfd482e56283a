// Kinds of tunnels that are unwrapped to the packet within, and the numbers that tell them.

/** How many headers of tunnels are unwrapped, one within another; what lies deeper counts as payload. */
export const MAX_TUNNELS = 8;

/** Values of `Headers.tunnel`. */
export const NO_TUNNEL = 0;
export const VXLAN = 1;
export const GENEVE = 2;
export const GRE_TUNNEL = 3;
export const ERSPAN = 4;
export const IP_IN_IP = 5;
export const GTP_U = 6;
export const TEREDO = 7;
export const ETHER_IP = 8;
export const MPLS_TUNNEL = 9;
export const PIM_REGISTER = 10;

/** UDP destination ports. */
export const VXLAN_PORT = 4789;
/** Linux's VXLAN before IANA gave it a port; still the default of flannel and Cilium. */
export const VXLAN_LINUX_PORT = 8472;
export const VXLAN_GPE_PORT = 4790;
export const GENEVE_PORT = 6081;
export const GTP_U_PORT = 2152;
export const TEREDO_PORT = 3544;
export const MPLS_PORT = 6635;

export const VXLAN_HEADER = 8;
export const GENEVE_HEADER = 8;
export const GTP_HEADER = 8;
export const ETHERIP_HEADER = 2;
export const PIM_REGISTER_HEADER = 8;
export const ERSPAN_2_HEADER = 8;
export const ERSPAN_3_HEADER = 12;

/** GRE protocol types of ERSPAN: versions I and II share one. */
export const ERSPAN_2_TYPE = 0x88be;
export const ERSPAN_3_TYPE = 0x22eb;
