import { document, one } from '../kernel/jsonapi/document.ts';
import { type KeyRecord, keyRecords } from './key.records.ts';

export const keyDocument = document<KeyRecord>(keyRecords, {
  attributes: { key: 'key' },
  relationships: {
    product: one('products', (key) => key.policy.productId, 'product'),
    policy: one('policies', (key) => key.policyId, 'policy'),
  },
});
