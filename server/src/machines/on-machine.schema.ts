import { environmentRelationship, metadata, toOne } from '../kernel/http/params.ts';
import { sellerOrSupport } from './machine.schema.ts';

/** What bodies of components and processes have in common (spec/machines.md 9, 10). */
export const onMachineRelationships = { machine: toOne('machines').required(), environment: environmentRelationship };
export const staffMetadata = metadata.only(sellerOrSupport);
