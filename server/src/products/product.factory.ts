import { defaultPermissions } from '../kernel/access/permissions.ts';
import { factory } from '../testkit/factory.ts';
import { products } from './product.table.ts';

export const productFactory = factory({
  type: 'product',
  table: products,
  defaults: ({ sequence }) => ({ name: `Product ${sequence}`, distribution_strategy: 'LICENSED', permissions: [...defaultPermissions.product] }),
});
