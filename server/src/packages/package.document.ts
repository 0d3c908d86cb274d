import { document, linked } from '../kernel/jsonapi/document.ts';
import { type PackageRecord, packageRecords } from './package.records.ts';

/** spec/distribution.md 6.1, 6.2 */
export const packageDocument = document<PackageRecord>(packageRecords, {
  attributes: { name: 'name', key: 'key', engine: ({ engine }) => engine?.key ?? null, metadata: 'metadata' },
  relationships: { product: linked('products', ({ productId }) => productId) },
  link: 'related',
});
