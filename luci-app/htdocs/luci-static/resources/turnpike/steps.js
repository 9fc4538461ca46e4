'use strict';
'require baseclass';
'require turnpike.api as api';
'require turnpike.typed as typed';

// How many steps of a plan are sold at a time, and what so many give.

/** What is wrong with a number of steps, in a sentence; nothing is wrong with most. */
function faultOf(plan, steps) {
  if (!plan) return _('There is no such plan any more.');
  const { min_steps: least, max_steps: most } = plan;
  if (!Number.isInteger(steps) || steps < 1) return _('Enter a whole number of steps.');
  if (steps >= least && steps <= most) return null;
  if (least === most) return _('Steps of this plan at a time: %d.').format(least);
  return _('Steps of this plan at a time: %d to %d.').format(least, most);
}

/** The steps that a field has. @throws with the code `bad_steps` where the plan does not sell so many. */
function read(plan, field) {
  const steps = typed.whole(field.value);
  const fault = faultOf(plan, steps);
  if (fault) throw Object.assign(new Error(fault), { code: 'bad_steps' });
  return steps;
}

/** Keeps the number of steps that a field has, as far as another plan sells so many. */
function fit({ min_steps: least, max_steps: most }, field) {
  field.value = Math.min(Math.max(typed.whole(field.value) || 1, least), most);
}

/** What as many steps cost and give. */
function quote(plan, field) {
  return Promise.resolve().then(() => api.call.quote({ plan: plan.id, steps: read(plan, field) }));
}

return baseclass.extend({ faultOf, read, fit, quote });
