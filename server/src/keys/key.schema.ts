import { body, environmentRelationship, string, toOne } from '../kernel/http/params.ts';

export const createKey = body('keys', {
  attributes: { key: string.required() },
  relationships: { policy: toOne('policies').required(), environment: environmentRelationship },
  relationshipsRequired: true,
});
export const updateKey = body('keys', { id: 'ignored', attributes: { key: string } });
