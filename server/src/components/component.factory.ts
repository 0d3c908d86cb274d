import { factory } from '../testkit/factory.ts';
import { components } from './component.table.ts';

export const componentFactory = factory({
  type: 'machine_component',
  table: components,
  parents: { machine_id: 'machine' },
  defaults: ({ sequence }) => ({ fingerprint: `component-${sequence}`, name: `Component ${sequence}` }),
});
