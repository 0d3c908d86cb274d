import { factory } from '../testkit/factory.ts';
import { plans } from './plan.table.ts';

export const planFactory = factory({
  type: 'plan',
  table: plans,
  defaults: ({ sequence }) => ({ name: `Plan ${sequence}`, interval: 'month', plan_id: `price_${sequence}` }),
});
