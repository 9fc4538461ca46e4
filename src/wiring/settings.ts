import type { Settings } from '../engine/parts.js';
import type { Hook } from '../engine/payment-window.js';
import type { HookConfig } from '../payments/webhook/section.js';
import type { PaymentMethod } from '../ports/payment-method.js';
import type { Premises } from '../ports/premises.js';
import type { PaymentSections } from './payments.js';
import type { Config } from './schema.js';
import { readTimeZone } from './time-zone.js';

/** The engine's settings as they are configured, with the methods that are at work. */
export function settingsOf(
  config: Config,
  methods: readonly PaymentMethod[],
  premises: readonly Premises[],
): Settings {
  const { flushInterval, billDowntime, lowPercent, lostAfter, allowOffload, reprint } = config.main;
  const offer = {
    plans: new Map(config.plans.map((plan) => [plan.id, plan])),
    methods: new Map(methods.map((method) => [method.name, method])),
    off: new Set(
      config.off.flatMap(({ type, name }) => (type === 'plan' && name !== undefined ? [name] : [])),
    ),
  };
  const gateways = new Set(config.gateways.map(({ name }) => name));
  const limits = { flushInterval, billDowntime, lowPercent, lostAfter, allowOffload, reprint };
  return { offer, gateways, premises, timeZone: readTimeZone(), ...limits };
}

/** Whoever sends signed messages. The schema's section for them makes them so. */
export function allHooksOf({ hooks }: Pick<Config, 'hooks'>): readonly HookConfig[] {
  return hooks as readonly HookConfig[];
}

/** The payment providers among them, which say when an order is paid. */
export function hooksOf(config: Pick<Config, 'hooks'>): readonly HookConfig[] {
  return allHooksOf(config).filter(({ takes }) => takes === 'payments');
}

/** The same as orders are made for them: a hub finds this router by the numbers of its orders. */
export function orderHooks(config: Config, router: string): readonly Hook[] {
  return hooksOf(config).map((hook) => (hook.signature === 'hub' ? { ...hook, router } : hook));
}

/** What each way to pay is configured with, by its key in the registry. */
export function paymentSections({ methods, upstreams }: Config): PaymentSections {
  return { ...upstreams, ...Object.fromEntries(methods.map((method) => [method.name, method])) };
}
