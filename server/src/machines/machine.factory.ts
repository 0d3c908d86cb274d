import { factory } from '../testkit/factory.ts';
import { machines } from './machine.table.ts';

export const machineFactory = factory({
  type: 'machine',
  table: machines,
  parents: { license_id: 'license' },
  defaults: async ({ sequence, find }, given) => ({
    fingerprint: `fingerprint-${sequence}`,
    policy_id: (await find('license', { id: given.license_id }))!.policy_id,
  }),
});
