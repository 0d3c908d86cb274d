/** Releases (spec/auth.md 11; spec/distribution.md 2, 3, 5, 6.4, 10, 11, 13). Without credentials nobody sees what is licensed. */
import { doc, type Row, to } from './rows.ts';
import type { Maker, Scene } from './scene.ts';

let count = 0;
const attributes = () => ({ channel: 'stable', version: `9.${++count}.0` });
const constraintOf = (entitlement: Scene) => ({ type: 'constraints', relationships: { entitlement: to('entitlements', entitlement) } });
const release = (more?: (scene: Scene) => object) => ({
  body: (scene: Scene) => doc('releases', attributes(), { product: to('products', scene.product), ...more?.(scene) }),
});
const ofProduct = async (make: Maker, { product }: Scene): Promise<Scene> => ({ release: await make.release(product) });
const anew = { fresh: ofProduct };

const seen = 'S5 E P licensed L';
const writers = { may: 'A D E P', sees: 'SA SU RO licensed L' };
const granted = { may: 'S5 E P', sees: 'licensed L', granted: 'licensed L' };
const open = { also: { 404: 'N' } };

export const releases: Row[] = [
  { ask: 'GET /releases', needs: ['release.read'], may: 'all N' },
  { ask: 'GET /releases/{release}', needs: ['release.read'], may: seen, ...open },
  { ask: 'POST /releases', needs: ['release.create'], may: 'A D E P', also: { 422: 'E2' }, ...release() },
  {
    ask: 'POST /releases',
    needs: ['release.create', 'release.constraints.attach'],
    may: 'A D E P',
    also: { 422: 'E2' },
    ...release(({ loose }) => ({ constraints: { data: [constraintOf(loose)] } })),
  },
  { ask: 'PATCH /releases/{release}', needs: ['release.update'], ...writers, body: () => doc('releases', { name: 'New' }) },
  { ask: 'DELETE /releases/{release}', needs: ['release.delete'], ...writers, ...anew },
  ...['publish', 'yank'].map((name): Row => ({ ask: `POST /releases/{release}/actions/${name}`, needs: [`release.${name}`], ...writers, ok: 200, ...anew })),
  { ask: 'GET /releases/{release}/product', needs: ['product.read'], ...granted },
  { ask: 'GET /releases/{release}/package', needs: ['package.read'], may: seen, ...open },
  {
    ask: 'PUT /releases/{release}/package',
    needs: ['release.package.update'],
    ...writers,
    body: (scene) => to('packages', scene.package),
    ...anew,
  },
  { ask: 'GET /releases/{release}/constraints', needs: ['constraint.read'], may: seen },
  { ask: 'GET /releases/{release}/constraints/{constraint}', needs: ['constraint.read'], may: seen },
  {
    ask: 'POST /releases/{release}/constraints',
    needs: ['release.constraints.attach'],
    ...writers,
    ok: 200,
    body: ({ loose }) => ({ data: [constraintOf(loose)] }),
    ...anew,
  },
  {
    ask: 'DELETE /releases/{release}/constraints',
    needs: ['release.constraints.detach'],
    ...writers,
    body: ({ constraint }) => ({ data: [{ type: 'constraints', id: constraint.id }] }),
    fresh: async (make, { product }) => {
      const made = await make.release(product);
      return { release: made, constraint: await make.create('release_entitlement_constraint', { release_id: made.id }) };
    },
  },
  { ask: 'GET /releases/{release}/entitlements', needs: ['entitlement.read'], may: seen },
  { ask: 'GET /releases/{release}/entitlements/{entitlement}', needs: ['entitlement.read'], may: seen },
  { ask: 'GET /releases/{release}/upgrade', needs: ['release.upgrade', 'release.read'], may: seen, ...open },
  { ask: 'GET /products/{product}/releases', needs: ['release.read'], may: seen },
  { ask: 'GET /products/{product}/releases/{release}', needs: ['release.read'], may: seen },
];
