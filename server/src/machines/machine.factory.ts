import { and, eq, sql } from '../kernel/database/drizzle.ts';
import { licenses } from '../licenses/license.table.ts';
import { factory } from '../testkit/factory.ts';
import { machines } from './machine.table.ts';

/** What sweeps know of a heartbeat follows one that is set. */
export const withKnownHeartbeat = <T extends Record<string, unknown>>(attributes: T): T =>
  'last_heartbeat_at' in attributes ? { known_heartbeat_at: attributes.last_heartbeat_at, ...attributes } : attributes;

const sumOf = (sum: unknown) =>
  sql`(select ${sum} from ${machines} where ${machines.accountId} = ${licenses.accountId} and ${machines.licenseId} = ${licenses.id})`;

export const machineFactory = factory({
  type: 'machine',
  table: machines,
  parents: { license_id: 'license' },
  aliases: { max_processes_override: 'max_processes' },
  async defaults({ sequence, now, find }, given) {
    const license = (await find('license', { id: given.license_id }))!;
    const policy = (await find('policy', { id: license.policy_id }))!;
    const owner = given.owner_id ? await find('user', { id: given.owner_id }) : undefined;
    return {
      fingerprint: `fingerprint-${sequence}`,
      policy_id: license.policy_id,
      group_id: license.group_id ?? owner?.group_id ?? null,
      last_heartbeat_at: policy.heartbeat_basis === 'FROM_CREATION' ? (given.created_at ?? now) : null,
    };
  },
  async prepare({ find }, attributes, how) {
    const columns = withKnownHeartbeat(attributes);
    if (how === 'create' || attributes.license_id === undefined || attributes.policy_id !== undefined) return { columns };
    return { columns: { ...columns, policy_id: (await find('license', { id: attributes.license_id }))!.policy_id } };
  },
  async after({ db }, row, before) {
    for (const id of new Set([row.license_id, before?.license_id ?? row.license_id]))
      await db
        .update(licenses)
        .set({
          machinesCount: sumOf(sql`count(*)`),
          machinesCoreCount: sumOf(sql`coalesce(sum(${machines.cores}), 0)`),
          machinesMemory: sumOf(sql`coalesce(sum(${machines.memory}), 0)`),
          machinesDisk: sumOf(sql`coalesce(sum(${machines.disk}), 0)`),
        })
        .where(and(eq(licenses.accountId, String(row.account_id)), eq(licenses.id, String(id))));
  },
});
