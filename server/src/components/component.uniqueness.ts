import { hashOf } from '../kernel/database/columns.ts';
import type { Db } from '../kernel/database/database.ts';
import { and, eq, inArray, ne, type SQL, sql } from '../kernel/database/drizzle.ts';
import { lockName } from '../kernel/database/locks.ts';
import type { License } from '../licenses/license.table.ts';
import { licenses } from '../licenses/license.table.ts';
import { machines } from '../machines/machine.table.ts';
import { type Place, wideScopes } from '../machines/uniqueness.ts';
import type { Policy } from '../policies/policy.table.ts';
import { components } from './component.table.ts';

/** Where components are to be. */
interface Host {
  accountId: string;
  machineId: string;
  license: License;
  policy: Policy;
}

async function among(db: Db, { accountId }: Host, fingerprints: readonly string[], scope: SQL | undefined): Promise<Set<string>> {
  if (fingerprints.length === 0) return new Set();
  const hashes = fingerprints.map((fingerprint) => sql`md5(${fingerprint})`);
  const hashed = sql`${hashOf(components.fingerprint)} in (${sql.join(hashes, sql`, `)})`;
  const found = await db
    .selectDistinct({ fingerprint: components.fingerprint })
    .from(components)
    .innerJoin(machines, and(eq(machines.accountId, components.accountId), eq(machines.id, components.machineId)))
    .innerJoin(licenses, and(eq(licenses.accountId, machines.accountId), eq(licenses.id, machines.licenseId)))
    .where(and(eq(components.accountId, accountId), hashed, inArray(components.fingerprint, [...fingerprints]), scope));
  return new Set(found.map(({ fingerprint }) => fingerprint));
}

/**
 * Which of some fingerprints are taken: on the machine, or where the policy's strategy looks (spec/machines.md 9.3).
 * Those who ask about the same fingerprint in the same scope wait for each other.
 * @returns the detail of the error for each that is taken
 */
export async function takenComponents(db: Db, host: Host, fingerprints: readonly string[]): Promise<Map<string, string>> {
  const { policy, license, accountId, machineId } = host;
  const own = await among(db, host, fingerprints, eq(components.machineId, machineId));
  const taken = new Map([...own].map((fingerprint) => [fingerprint, 'has already been taken']));
  const scope = wideScopes.get(policy.componentUniquenessStrategy);
  if (!scope) return taken;
  const place: Place = { id: license.id, policyId: policy.id, productId: license.productId };
  for (const fingerprint of [...new Set(fingerprints)].sort()) await lockName(db, 'component fingerprint', accountId, scope.key(place), fingerprint);
  const elsewhere = await among(db, host, fingerprints, and(scope.where(place), ne(components.machineId, machineId)));
  for (const fingerprint of elsewhere) if (!taken.has(fingerprint)) taken.set(fingerprint, `has already been taken ${scope.words}`);
  return taken;
}
