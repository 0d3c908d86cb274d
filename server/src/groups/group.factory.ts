import { factory } from '../testkit/factory.ts';
import { groupOwners, groups } from './group.table.ts';

export const groupFactory = factory({ type: 'group', table: groups, defaults: ({ sequence }) => ({ name: `Group ${sequence}` }) });
export const groupOwnerFactory = factory({ type: 'group_owner', table: groupOwners, parents: { group_id: 'group', user_id: 'user' } });
