/** Uniqueness of the fingerprints of machines and components (spec/machines.md 2.6, 9.3). */
import { equalsHashed } from '../kernel/database/columns.ts';
import type { Db } from '../kernel/database/database.ts';
import { and, eq, type SQL, sql } from '../kernel/database/drizzle.ts';
import { lockName } from '../kernel/database/locks.ts';
import { licenses } from '../licenses/license.table.ts';
import type { MachineRecord } from './machine.records.ts';
import { machines } from './machine.table.ts';

/** The license that a fingerprint is new to. */
export interface Place {
  id: string;
  policyId: string;
  productId: string;
}

/** How far a strategy looks: what errors call it, which license column names it, and that of the place. Narrower strategies are not among them. */
export const wideScopes = new Map<string | null, { words: string; where: (place: Place) => SQL | undefined; key: (place: Place) => string }>([
  ['UNIQUE_PER_LICENSE', { words: 'for this license', where: ({ id }) => eq(licenses.id, id), key: ({ id }) => id }],
  ['UNIQUE_PER_POLICY', { words: 'for this policy', where: ({ policyId }) => eq(licenses.policyId, policyId), key: ({ policyId }) => policyId }],
  ['UNIQUE_PER_PRODUCT', { words: 'for this product', where: ({ productId }) => eq(licenses.productId, productId), key: ({ productId }) => productId }],
  ['UNIQUE_PER_ACCOUNT', { words: 'for this account', where: () => undefined, key: () => '' }],
]);

/** Whether a machine of the scope has the fingerprint; asked of new ones only, also of such as come with the id of another. */
async function exists(db: Db, machine: MachineRecord, scope: SQL | undefined): Promise<boolean> {
  const same = and(eq(machines.accountId, machine.accountId), equalsHashed(machines.fingerprint, machine.fingerprint));
  const [found] = await db
    .select({ one: sql`1` })
    .from(machines)
    .innerJoin(licenses, and(eq(licenses.accountId, machines.accountId), eq(licenses.id, machines.licenseId)))
    .where(and(same, scope))
    .limit(1);
  return found !== undefined;
}

/** Whether a machine of the license has the fingerprint: no strategy allows another. */
export const isTakenInLicense = (db: Db, machine: MachineRecord): Promise<boolean> => exists(db, machine, eq(machines.licenseId, machine.licenseId));

/**
 * Whether the policy's strategy finds the fingerprint elsewhere. Those who ask about the same fingerprint in the same scope wait for each other.
 * @returns what errors call the scope, or undefined
 */
export async function takenWithin(db: Db, machine: MachineRecord): Promise<string | undefined> {
  const strategy = machine.policy.machineUniquenessStrategy;
  const scope = strategy === 'UNIQUE_PER_LICENSE' ? undefined : wideScopes.get(strategy);
  if (!scope) return undefined;
  const place: Place = { id: machine.licenseId, policyId: machine.policy.id, productId: machine.license.productId };
  await lockName(db, 'machine fingerprint', machine.accountId, scope.key(place), machine.fingerprint);
  return (await exists(db, machine, scope.where(place))) ? scope.words : undefined;
}
