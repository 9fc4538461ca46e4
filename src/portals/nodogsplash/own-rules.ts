import type { OwnRules } from '../../ports/premises.js';

/** nodogsplash has its chains among those of iptables (fw_iptables.h). It offloads nothing. */
export const nodogsplashRules: OwnRules = {
  chains: [['ip filter ndsNET', 'ip mangle ndsOUT', 'ip mangle ndsINC', 'ip nat ndsOUT']],
  flowtables: [],
};
