import { body, metadata, string } from '../kernel/http/params.ts';
import { onMachineRelationships, staffMetadata } from '../machines/on-machine.schema.ts';

export const createComponent = body('components', {
  attributes: { fingerprint: string.required(), name: string.required(), metadata },
  relationships: onMachineRelationships,
  relationshipsRequired: true,
});
export const updateComponent = body('components', { id: 'ignored', attributes: { name: string, metadata: staffMetadata } });
