// Boxes that change more than addresses and ports.
import { gateway, onLine } from '../line.mjs';
import { sourceNat } from '../rules.mjs';
import { mixed } from '../traffic/mixed.mjs';

const nat = sourceNat({ device: 'eth1', address: gateway.outside, how: '--random-fully' });
const mangled = (summary, ...mangle) => onLine({ summary, natRules: [{ mangle }, nat], traffic: mixed });

export default {
  'mss-clamped': mangled(
    'the gateway lowers the MSS of SYN and SYN-ACK',
    '-A FORWARD -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 1200',
  ),
  'options-stripped': mangled(
    'the gateway strips TCP timestamps, SACK and window scale',
    '-A FORWARD -p tcp -m tcp -j TCPOPTSTRIP --strip-options timestamp,sack-permitted,sack,wscale',
  ),
  'ttl-reset': mangled('the gateway sets the TTL to 64', '-A POSTROUTING -j TTL --ttl-set 64'),
};
