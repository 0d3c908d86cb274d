import { factory } from '../testkit/factory.ts';
import { keys } from './key.table.ts';

export const keyFactory = factory({
  type: 'key',
  table: keys,
  defaults: async ({ sequence, create }, given) => ({
    key: `KEY-${String(sequence).padStart(8, '0')}`,
    ...(given.policy_id === undefined && {
      policy_id: (
        await create('policy', {
          account_id: given.account_id,
          use_pool: true,
          ...(given.environment_id !== undefined && { environment_id: given.environment_id }),
        })
      ).id,
    }),
  }),
});
