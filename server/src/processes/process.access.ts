import { access } from '../kernel/access/access.ts';
import { sightThroughMachine } from '../machines/machine.sight.ts';
import { onMachineLines, pingProcess } from '../machines/on-machine.access.ts';
import type { ProcessRecord } from './process.records.ts';
import { processes } from './process.table.ts';

/** spec/machines.md 10.2 */
export const processAccess = access<ProcessRecord, keyof ReturnType<typeof onMachineLines> | 'ping'>({
  visible: sightThroughMachine(processes.machineId),
  may: { ...onMachineLines('process'), ping: pingProcess },
});
