import { factory } from '../testkit/factory.ts';
import { constraints } from './constraint.table.ts';

export const constraintFactory = factory({
  type: 'release_entitlement_constraint',
  table: constraints,
  parents: { release_id: 'release' },
  async defaults({ find, create }, { account_id, release_id, entitlement_id, environment_id: given }) {
    const environment_id = given !== undefined ? given : (await find('release', { id: release_id }))?.environment_id;
    return { environment_id, ...(entitlement_id === undefined && { entitlement_id: (await create('entitlement', { account_id, environment_id })).id }) };
  },
});
