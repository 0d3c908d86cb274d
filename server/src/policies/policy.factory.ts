import { factory } from '../testkit/factory.ts';
import { policies } from './policy.table.ts';

export const policyFactory = factory({
  type: 'policy',
  table: policies,
  parents: { product_id: 'product' },
  async defaults({ sequence, find }, given) {
    const account = given.protected === undefined ? await find('account', { id: given.account_id }) : undefined;
    return {
      name: `Policy ${sequence}`,
      protected: account?.protected ?? false,
      heartbeat_basis: given.require_heartbeat === true ? 'FROM_CREATION' : 'FROM_FIRST_PING',
      ...(given.floating !== true && given.max_machines === undefined && { max_machines: 1 }),
      ...(given.encrypted === true && given.scheme === undefined && { scheme: 'LEGACY_ENCRYPT' }),
    };
  },
});
