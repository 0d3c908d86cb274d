import { body, environmentRelationship, integer, metadata, string } from '../kernel/http/params.ts';

const limits = { maxUsers: integer.nullable(), maxLicenses: integer.nullable(), maxMachines: integer.nullable() };

export const createGroup = body('groups', {
  attributes: { name: string.required(), ...limits, metadata },
  relationships: { environment: environmentRelationship },
});
export const updateGroup = body('groups', { id: 'ignored', attributes: { name: string, ...limits, metadata } });
