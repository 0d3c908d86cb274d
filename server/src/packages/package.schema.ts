import { engineKeys } from '../engines/engine.keys.ts';
import { body, environmentRelationship, metadata, string, toOne } from '../kernel/http/params.ts';

const engine = string.oneOf(engineKeys).nullable();

/** spec/distribution.md 6.1, 6.3 */
export const createPackage = body('packages', {
  attributes: { name: string.required(), key: string.required(), engine, metadata },
  relationships: { product: toOne('products').required(), environment: environmentRelationship },
  relationshipsRequired: true,
});
export const updatePackage = body('packages', { id: 'ignored', attributes: { name: string, key: string, engine, metadata } });
