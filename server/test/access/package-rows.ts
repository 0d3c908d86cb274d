/** Packages, and what releases and artifacts are told apart by (spec/auth.md 11; spec/distribution.md 2, 6, 12, 13). Without credentials nobody sees what is licensed. */
import { doc, type Row, to } from './rows.ts';
import type { Maker, Scene } from './scene.ts';

let count = 0;
const seen = 'S5 E P licensed L';
const open = { also: { 404: 'N' } };
const writers = { may: 'A D E P', sees: 'SA SU RO licensed L' };

export const packages: Row[] = [
  { ask: 'GET /packages', needs: ['package.read'], may: 'all N' },
  { ask: 'GET /packages/{package}', needs: ['package.read'], may: seen, ...open },
  {
    ask: 'POST /packages',
    needs: ['package.create'],
    may: 'A D E P',
    also: { 422: 'E2' },
    body: ({ product }) => doc('packages', { name: 'New', key: `new-${++count}` }, { product: to('products', product) }),
  },
  { ask: 'PATCH /packages/{package}', needs: ['package.update'], ...writers, body: () => doc('packages', { name: 'New' }) },
  {
    ask: 'DELETE /packages/{package}',
    needs: ['package.delete'],
    ...writers,
    fresh: async (make: Maker, { product }: Scene) => ({ package: await make.create('release_package', { product_id: product.id }) }),
  },
  { ask: 'GET /products/{product}/packages', needs: ['package.read'], may: seen },
  { ask: 'GET /products/{product}/packages/{package}', needs: ['package.read'], may: seen },
];

const kinds = { channels: 'channel', platforms: 'platform', arches: 'arch', engines: 'engine' };

export const dimensions: Row[] = Object.entries(kinds).flatMap(([type, name]) => [
  { ask: `GET /${type}`, needs: [`${name}.read`], may: 'all N' },
  { ask: `GET /${type}/{${name}}`, needs: [`${name}.read`], may: seen, ...open },
  { ask: `GET /products/{product}/${type}`, needs: [`${name}.read`], may: seen },
  { ask: `GET /products/{product}/${type}/{${name}}`, needs: [`${name}.read`], may: seen },
]);
