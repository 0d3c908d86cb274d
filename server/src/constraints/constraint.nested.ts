/** Constraints that come with a new release (spec/distribution.md 10). */
import { entitlements } from '../entitlements/entitlement.table.ts';
import { idIn } from '../kernel/database/columns.ts';
import { and, eq } from '../kernel/database/drizzle.ts';
import { insertMany } from '../kernel/database/insert-many.ts';
import type { Change } from '../kernel/events/change.ts';
import { uuid } from '../kernel/id.ts';
import { compatibleWith } from '../kernel/jsonapi/environment-rules.ts';
import type { Facts, Failure } from '../kernel/jsonapi/rules.ts';
import { constraints } from './constraint.table.ts';

interface Constrained {
  id: string;
  accountId: string;
  environmentId: string | null;
}

/** At most as many come with a release. */
export const mostNested = 20;

/** All that is wrong with them, as failures of the release. @param ids of the entitlements, which stay until the change has been committed */
export async function nestedConstraints(ids: readonly string[], release: Constrained, facts: Facts): Promise<Failure[]> {
  if (ids.length === 0) return [];
  const found = await facts.db
    .select()
    .from(entitlements)
    .where(and(eq(entitlements.accountId, release.accountId), idIn(entitlements.id, ids)))
    .for('key share');
  const known = new Map(found.map((entitlement) => [entitlement.id, entitlement]));
  const compatible = compatibleWith<Constrained & { entitlementId: string }>([['entitlement', ({ entitlementId }) => known.get(entitlementId)]]);
  const failures: Failure[] = [];
  for (const [index, id] of ids.entries()) {
    const fail = (subject: string, kind: string, detail: string) => failures.push({ subject: `~constraints.${index}.${subject}`, kind, detail });
    if (ids.filter((other) => other === id).length > 1) fail('~entitlement', 'CONFLICT', 'is duplicated');
    if (!known.has(id)) fail('~entitlement', 'NOT_FOUND', 'must exist');
    const foreign = (await compatible({ ...release, entitlementId: id }, facts)) as Failure | undefined;
    if (foreign) fail(foreign.subject, foreign.kind, foreign.detail);
  }
  return failures;
}

/** Stores them, without events of their own. @param ids of the entitlements */
export async function insertNested(ids: readonly string[], release: Constrained, change: Change): Promise<void> {
  const { accountId, environmentId, id: releaseId } = release;
  const rows = ids.map((entitlementId) => ({ id: uuid(), accountId, environmentId, createdAt: change.now, updatedAt: change.now, releaseId, entitlementId }));
  await insertMany(change.db, constraints, rows);
}
