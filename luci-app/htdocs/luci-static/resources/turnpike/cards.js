'use strict';
'require baseclass';
'require turnpike.api as api';
'require turnpike.codes as codes';
'require turnpike.daemon as daemon';
'require turnpike.steps as counted';
'require turnpike.typed as typed';
'require turnpike.units as units';

// The dialog that makes a batch of vouchers.

const mostAtOnce = 500;

/** Says beside the field what one voucher buys, or what is wrong with its steps. */
function fitter(chosen, steps, told) {
  let newest = 0;
  return () => {
    newest += 1;
    const turn = newest;
    const say = (text, style) => {
      if (turn === newest) Object.assign(told, { textContent: text, className: style });
    };
    return counted.quote(chosen(), steps).then(
      ({ allotment }) => say(units.allotment(allotment ?? {}), ''),
      (error) => say(error.message, 'turnpike-fault')
    );
  };
}

function create(plans, refresh) {
  const key = api.newKey();
  const choices = plans.map(({ id, title }) => E('option', { value: id }, [title]));
  const plan = E('select', { class: 'cbi-input-select', change: () => begin() }, choices);
  const figure = (more) =>
    E('input', { class: 'cbi-input-text', type: 'text', inputmode: 'numeric', ...more });
  const steps = figure({ input: () => fit() });
  const told = E('strong', { 'aria-live': 'polite' });
  const chosen = () => plans.find(({ id }) => id === plan.value);
  const fit = fitter(chosen, steps, told);
  const begin = () => {
    // A shop may have no plans yet, and none are known before the daemon has answered.
    steps.value = chosen()?.min_steps ?? '';
    fit();
  };
  const count = figure({ value: 20 });
  const until = E('input', { class: 'cbi-input-text', type: 'date' });
  const single = E('input', { type: 'checkbox' });
  const digits = E('input', { type: 'checkbox' });
  const act = () => {
    const number = typed.whole(count.value);
    if (!Number.isInteger(number) || number < 1 || number > mostAtOnce) {
      throw new Error(_('Enter how many, from 1 to %d.').format(mostAtOnce));
    }
    // Good to the end of that day, by the reader's clock.
    const end = until.value ? new Date(`${until.value}T23:59:59`).getTime() / 1000 : undefined;
    if (end !== undefined && end * 1000 < Date.now()) throw new Error(_('That day is over.'));
    const order = { plan: plan.value, steps: counted.read(chosen(), steps), count: number, valid_until: end };
    const kind = { single_use: single.checked, digits: digits.checked };
    const sent = { ...order, ...kind, reprint: true, idempotency_key: key };
    return api.call.voucher_create(sent).then((made) => {
      const { title } = chosen();
      return refresh().then(() => () => codes.show({ ...made, title }, _('New vouchers')));
    });
  };
  const help = E('span', {}, [_('What one voucher buys, in steps of the plan.'), ' ', told]);
  const body = [
    daemon.field(_('Plan'), plan),
    daemon.field(_('Steps'), steps, help),
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
  begin();
}

return baseclass.extend({ create });
