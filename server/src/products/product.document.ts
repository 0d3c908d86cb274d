import { sorted } from '../kernel/access/permissions.ts';
import { document, many } from '../kernel/jsonapi/document.ts';
import { type ProductRecord, productRecords } from './product.records.ts';

const below = ['policies', 'licenses', 'machines', 'users', 'tokens', 'platforms', 'channels', 'releases', 'artifacts'];

export const productDocument = document<ProductRecord>(productRecords, {
  attributes: {
    name: 'name',
    code: 'code',
    distributionStrategy: 'distributionStrategy',
    url: 'url',
    platforms: 'platforms',
    permissions: (product) => sorted(product.permissions),
    metadata: 'metadata',
  },
  relationships: Object.fromEntries(below.map((name) => [name, many(name)])),
});
