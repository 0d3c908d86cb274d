import { body, environmentRelationship, metadata, string } from '../kernel/http/params.ts';

export const createEntitlement = body('entitlements', {
  attributes: { name: string.required(), code: string.required(), metadata },
  relationships: { environment: environmentRelationship },
});
export const updateEntitlement = body('entitlements', { id: 'ignored', attributes: { name: string, code: string, metadata } });
