import { array, body, environmentRelationship, metadata, string } from '../kernel/http/params.ts';
import { permissionsParam } from '../kernel/jsonapi/permission-rules.ts';

const permissions = permissionsParam('admin', 'developer', 'environment');
const platforms = array(string).allowBlank().nullable();

export const createProduct = body('products', {
  attributes: {
    name: string.required(),
    code: string,
    distributionStrategy: string,
    url: string.nullable(),
    platforms,
    permissions,
    metadata,
  },
  relationships: { environment: environmentRelationship },
});
export const updateProduct = body('products', {
  id: 'ignored',
  attributes: { name: string, code: string, distributionStrategy: string.nullable(), url: string.nullable(), platforms, permissions, metadata },
});
