/**
 * A firewall as OpenWrt's fw4 writes it for a router with a LAN and a WAN, with its defaults and masquerading: what packets
 * meet on each router before a table of turnpike's is there.
 */
export const firewall = `table inet fw4 {
  chain input {
    type filter hook input priority filter; policy drop;
    iif "lo" accept
    ct state vmap { established : accept, related : accept }
    iifname "br-lan" accept
  }
  chain forward {
    type filter hook forward priority filter; policy drop;
    ct state vmap { established : accept, related : accept }
    iifname "br-lan" jump forward_lan
    iifname "wan0" jump handle_reject
    jump handle_reject
  }
  chain output {
    type filter hook output priority filter; policy accept;
    oif "lo" accept
    ct state vmap { established : accept, related : accept }
  }
  chain prerouting {
    type filter hook prerouting priority filter; policy accept;
    iifname "br-lan" jump helper_lan
  }
  chain helper_lan {
  }
  chain handle_reject {
    meta l4proto tcp reject with tcp reset
    reject
  }
  chain forward_lan {
    meta nfproto ipv4 oifname "wan0" ct state invalid counter drop
    oifname "wan0" counter accept
  }
  chain dstnat { type nat hook prerouting priority dstnat; policy accept; }
  chain srcnat {
    type nat hook postrouting priority srcnat; policy accept;
    oifname "wan0" meta nfproto ipv4 masquerade
  }
  chain raw_prerouting { type filter hook prerouting priority raw; policy accept; }
  chain raw_output { type filter hook output priority raw; policy accept; }
  chain mangle_prerouting { type filter hook prerouting priority mangle; policy accept; }
  chain mangle_postrouting {
    type filter hook postrouting priority mangle; policy accept;
    oifname "wan0" tcp flags & (fin | syn | rst) == syn tcp option maxseg size set rt mtu
  }
  chain mangle_input { type filter hook input priority mangle; policy accept; }
  chain mangle_output { type route hook output priority mangle; policy accept; }
  chain mangle_forward {
    type filter hook forward priority mangle; policy accept;
    iifname "wan0" tcp flags & (fin | syn | rst) == syn tcp option maxseg size set rt mtu
    oifname "wan0" tcp flags & (fin | syn | rst) == syn tcp option maxseg size set rt mtu
  }
}
`;
