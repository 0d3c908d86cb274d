import { and, eq } from '../kernel/database/drizzle.ts';
import { licenses } from '../licenses/license.table.ts';
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
  async after({ db }, row, before) {
    if (before === undefined || before.product_id === row.product_id) return;
    const below = and(eq(licenses.accountId, String(row.account_id)), eq(licenses.policyId, String(row.id)));
    await db
      .update(licenses)
      .set({ productId: String(row.product_id) })
      .where(below);
  },
});
