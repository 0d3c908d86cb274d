import { factory } from '../testkit/factory.ts';
import { components } from './component.table.ts';

export const componentFactory = factory({
  type: 'machine_component',
  table: components,
  parents: { machine_id: 'machine' },
  defaults: async ({ sequence, find }, given) => ({
    fingerprint: `component-${sequence}`,
    name: `Component ${sequence}`,
    environment_id: (await find('machine', { id: given.machine_id }))!.environment_id,
  }),
});
