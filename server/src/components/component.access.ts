import { access } from '../kernel/access/access.ts';
import { sightThroughMachine } from '../machines/machine.sight.ts';
import { onMachineLines } from '../machines/on-machine.access.ts';
import type { ComponentRecord } from './component.records.ts';
import { components } from './component.table.ts';

/** spec/machines.md 9.2 */
export const componentAccess = access<ComponentRecord, keyof ReturnType<typeof onMachineLines>>({
  visible: sightThroughMachine(components.machineId),
  may: onMachineLines('component'),
});
