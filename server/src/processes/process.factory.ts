import { withKnownHeartbeat } from '../machines/machine.factory.ts';
import { factory } from '../testkit/factory.ts';
import { processes } from './process.table.ts';

export const processFactory = factory({
  type: 'machine_process',
  table: processes,
  parents: { machine_id: 'machine' },
  async defaults({ sequence, now, find }, given) {
    const machine = (await find('machine', { id: given.machine_id }))!;
    return {
      pid: `pid-${sequence}`,
      policy_id: machine.policy_id,
      last_heartbeat_at: given.created_at ?? now,
    };
  },
  async prepare({ find }, attributes, how) {
    const columns = withKnownHeartbeat(attributes);
    if (how === 'create' || attributes.machine_id === undefined) return { columns };
    return { columns: { policy_id: (await find('machine', { id: attributes.machine_id }))?.policy_id, ...columns } };
  },
});
