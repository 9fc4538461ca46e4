// How many steps of a plan a dialog takes.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { evaluate } from './evaluate.js';

interface Plan {
  readonly id: string;
  readonly min_steps: number;
  readonly max_steps: number;
}

const asked: object[] = [];
const call = {
  quote(args: object) {
    asked.push(args);
    return Promise.resolve({ allotment: { seconds: 10_800 } });
  },
};
const typed = evaluate('turnpike/typed.js', {});
const steps = evaluate('turnpike/steps.js', { 'turnpike.api': { call }, 'turnpike.typed': typed }) as {
  faultOf(plan: Plan, steps: number): string | null;
  read(plan: Plan, field: { value: string }): number;
  fit(plan: Plan, field: { value: string | number }): void;
  quote(plan: Plan, field: { value: string }): Promise<object>;
};
const plan = { id: 'hour', min_steps: 2, max_steps: 24 };

test('what the plan sells at a time is said to whoever asks for more or less', () => {
  for (const number of [1, 25])
    assert.is(steps.faultOf(plan, number), 'Steps of this plan at a time: 2 to 24.');
  assert.is(steps.faultOf({ ...plan, min_steps: 24 }, 1), 'Steps of this plan at a time: 24.');
  for (const number of [2, 24]) assert.is(steps.faultOf(plan, number), null);
});

test('what is no whole number is asked of nobody', async () => {
  for (const value of ['', ' ', '1.5', '1,5', '-3', 'two', '1e1', '25']) {
    assert.throws(
      () => steps.read(plan, { value }),
      ({ code }: { code: string }) => code === 'bad_steps',
    );
    const refused = await steps.quote(plan, { value }).catch(({ code }) => code);
    assert.is(refused, 'bad_steps', value);
  }
  assert.equal(asked, []);
});

test('where there is no plan yet, a dialog says so in words', () => {
  assert.throws(
    () => steps.read(undefined as never, { value: '1' }),
    ({ message }: Error) => message === 'There is no such plan any more.',
  );
  const cards = evaluate('turnpike/cards.js', { 'turnpike.steps': steps, 'turnpike.typed': typed });
  (cards as { create(plans: readonly Plan[], refresh: () => void): void }).create([], () => {});
});

test('a number in digits of another script is that number', () => {
  assert.is(steps.read(plan, { value: ' ١٢ ' }), 12);
});

test('another plan keeps the number that is typed, as far as it sells so many', () => {
  for (const [value, kept] of [
    ['١٢', 12],
    ['12', 12],
    ['30', 24],
    ['1,5', 2],
    ['', 2],
  ] as const) {
    const field = { value: value as string | number };
    steps.fit(plan, field);
    assert.is(field.value, kept, value);
  }
});

test('what so many steps give is the daemon’s word', async () => {
  assert.equal(await steps.quote(plan, { value: '3' }), { allotment: { seconds: 10_800 } });
  assert.equal(asked, [{ plan: 'hour', steps: 3 }]);
});

test.run();
