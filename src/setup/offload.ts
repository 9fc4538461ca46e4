/** A section of the firewall's file, as UCI's reader gives it. */
interface FirewallSection {
  readonly type: string;
  readonly options: ReadonlyMap<string, { readonly value: string }>;
}

/** The firewall's switches (fw4, `config defaults`): in software, and by the network chip. */
const switches = ['flow_offloading', 'flow_offloading_hw'] as const;
const truths = ['1', 'on', 'true', 'yes', 'enabled'];

/** The switches of flow offload that are on in the firewall's configuration. */
export function offloadIn(firewall: readonly FirewallSection[]): string[] {
  const defaults = firewall.find(({ type }) => type === 'defaults');
  return switches.filter((name) => truths.includes(defaults?.options.get(name)?.value ?? '0'));
}

/**
 * The firewall without flow offload: packets of offloaded flows pass no cap and no counter. A target of
 * `turnpike setup`.
 */
export const offload = {
  summary: 'the firewall: no flow offload, which takes packets past caps and counters',
  danger: 'nothing is sold by the byte while flow offload is on',
  files: ['firewall'],
  needless: ({ backstop, allowOffload }: { backstop: boolean; allowOffload: boolean }) =>
    !backstop || allowOffload,
  service: '/etc/init.d/firewall',
  plan({ read }: { read(file: string): readonly FirewallSection[] | undefined }) {
    const settings = offloadIn(read('firewall') ?? []).map((option) => {
      return { file: 'firewall', section: '@defaults[0]', option, value: '0' };
    });
    return { ok: true as const, value: { settings, pages: [] } };
  },
};
