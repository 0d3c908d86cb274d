import { body, metadata, string, uuidParam } from '../kernel/http/params.ts';
import { onMachineRelationships, staffMetadata } from '../machines/on-machine.schema.ts';

export const createProcess = body('processes', {
  id: uuidParam,
  attributes: { pid: string.required(), metadata },
  relationships: onMachineRelationships,
  relationshipsRequired: true,
});
export const updateProcess = body('processes', { id: 'ignored', attributes: { metadata: staffMetadata } });
