'use strict';
'require baseclass';
'require turnpike.api as api';
'require turnpike.codes as codes';
'require turnpike.daemon as daemon';

// The dialog that makes a batch of vouchers.

const mostAtOnce = 500;

function create(plans, refresh) {
  const key = api.newKey();
  const choices = plans.map(({ id, title }) => E('option', { value: id }, [title]));
  const plan = E('select', { class: 'cbi-input-select' }, choices);
  const steps = E('input', { class: 'cbi-input-text', type: 'number', min: 1, value: 1 });
  const count = E('input', { class: 'cbi-input-text', type: 'number', min: 1, max: mostAtOnce, value: 20 });
  const until = E('input', { class: 'cbi-input-text', type: 'date' });
  const single = E('input', { type: 'checkbox' });
  const digits = E('input', { type: 'checkbox' });
  const act = () => {
    const number = Number(count.value);
    if (!Number.isInteger(number) || number < 1 || number > mostAtOnce) {
      throw new Error(_('Enter how many, from 1 to %d.').format(mostAtOnce));
    }
    // Good to the end of that day, by the reader's clock.
    const end = until.value ? new Date(`${until.value}T23:59:59`).getTime() / 1000 : undefined;
    if (end !== undefined && end * 1000 < Date.now()) throw new Error(_('That day is over.'));
    const order = { plan: plan.value, steps: Number(steps.value), count: number, valid_until: end };
    const kind = { single_use: single.checked, digits: digits.checked };
    const sent = { ...order, ...kind, reprint: true, idempotency_key: key };
    return api.call.voucher_create(sent).then((made) => {
      const { title } = plans.find(({ id }) => id === plan.value);
      return refresh().then(() => () => codes.show({ ...made, title }, _('New vouchers')));
    });
  };
  const body = [
    daemon.field(_('Plan'), plan),
    daemon.field(_('Steps'), steps, _('What one voucher buys, in steps of the plan.')),
    daemon.field(_('How many'), count),
    daemon.field(_('Valid until'), until, _('Leave it empty for vouchers that do not expire.')),
    daemon.field(
      _('Single use'),
      single,
      _('What a session leaves unused is lost, not kept for the next one.')
    ),
    daemon.field(_('Codes of digits alone'), digits),
  ];
  daemon.dialog(_('New vouchers'), body, _('Create'), act, 'cbi-button-positive');
}

return baseclass.extend({ create });
