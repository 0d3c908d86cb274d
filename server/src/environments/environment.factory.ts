import { defaultPermissions } from '../kernel/access/permissions.ts';
import { factory } from '../testkit/factory.ts';
import { environments } from './environment.table.ts';

export const environmentFactory = factory({
  type: 'environment',
  table: environments,
  defaults: ({ sequence }) => ({
    name: `Environment ${sequence}`,
    code: `environment-${sequence}`,
    isolation_strategy: 'ISOLATED',
    permissions: [...defaultPermissions.environment],
  }),
});
