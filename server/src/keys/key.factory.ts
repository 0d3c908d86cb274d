import { factory } from '../testkit/factory.ts';
import { keys } from './key.table.ts';

export const keyFactory = factory({
  type: 'key',
  table: keys,
  parents: { policy_id: 'policy' },
  parentAttributes: { policy_id: { use_pool: true } },
  defaults: ({ sequence }) => ({ key: `KEY-${String(sequence).padStart(8, '0')}` }),
});
