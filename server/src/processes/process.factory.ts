import { factory } from '../testkit/factory.ts';
import { processes } from './process.table.ts';

export const processFactory = factory({
  type: 'machine_process',
  table: processes,
  parents: { machine_id: 'machine' },
  defaults: ({ sequence, now }, given) => ({ pid: `pid-${sequence}`, last_heartbeat_at: given.created_at ?? now }),
});
