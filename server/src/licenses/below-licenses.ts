import { components } from '../components/component.table.ts';
import { licenseEntitlements } from '../entitlements/entitlement.table.ts';
import type { Doomed } from '../kernel/database/delete-in-batches.ts';
import { and, eq, type SQL, sql } from '../kernel/database/drizzle.ts';
import { machines } from '../machines/machine.table.ts';
import { processes } from '../processes/process.table.ts';
import { tokens } from '../tokens/token.table.ts';
import { licenseUsers } from './license.table.ts';

/** All that goes with licenses, for `deleteInBatches`; the licenses themselves come afterwards. @param ids of the licenses, in parentheses */
export function belowLicenses(accountId: string, ids: SQL): Doomed[] {
  const machineIds = sql`(select ${machines.id} from ${machines} where ${machines.accountId} = ${accountId} and ${machines.licenseId} in ${ids})`;
  return [
    [components, sql`${components.machineId} in ${machineIds}`],
    [processes, sql`${processes.machineId} in ${machineIds}`],
    [machines, sql`${machines.licenseId} in ${ids}`],
    [licenseUsers, sql`${licenseUsers.licenseId} in ${ids}`],
    [licenseEntitlements, sql`${licenseEntitlements.licenseId} in ${ids}`],
    [tokens, and(eq(tokens.bearerType, 'license'), sql`${tokens.bearerId} in ${ids}`)],
  ];
}
