/** What a deleted product leaves behind is removed in the background (spec/licensing.md 1.6). */
import { policyEntitlements } from '../entitlements/entitlement.table.ts';
import { type Doomed, deleteInBatches } from '../kernel/database/delete-in-batches.ts';
import { and, eq, inArray, sql } from '../kernel/database/drizzle.ts';
import { type JobContext, job } from '../kernel/jobs/job.ts';
import { packages } from '../packages/package.table.ts';
import { policies } from '../policies/policy.table.ts';
import { removePolicy } from '../policies/remove-policy.ts';
import { belowReleases } from '../releases/below-releases.ts';
import { releases } from '../releases/release.table.ts';
import { tokens } from '../tokens/token.table.ts';

interface Removed {
  accountId: string;
  productId: string;
}

const batch = 100;

/** Policies go before what hangs on them, so that nothing new can be created below; each leaves the rest to a job of its own. @returns how many went */
function removePolicies({ accountId, productId }: Removed, { transaction, enqueueMany }: JobContext): Promise<number> {
  return transaction(async (tx) => {
    const own = and(eq(policies.accountId, accountId), eq(policies.productId, productId));
    const found = await tx.select({ id: policies.id }).from(policies).where(own).limit(batch).for('update');
    const ids = found.map(({ id }) => id);
    if (ids.length === 0) return 0;
    await tx.delete(policyEntitlements).where(and(eq(policyEntitlements.accountId, accountId), inArray(policyEntitlements.policyId, ids)));
    await tx.delete(policies).where(and(eq(policies.accountId, accountId), inArray(policies.id, ids)));
    const policiesGone = ids.map((policyId) => ({ accountId, policyId }));
    await enqueueMany(tx, removePolicy, policiesGone);
    return ids.length;
  });
}

function distributed({ accountId, productId }: Removed): Doomed[] {
  const ids = sql`(select ${releases.id} from ${releases} where ${releases.accountId} = ${accountId} and ${releases.productId} = ${productId})`;
  return [...belowReleases(ids), [releases, eq(releases.productId, productId)], [packages, eq(packages.productId, productId)]];
}

/** The product's row is gone already, and with it whatever could add to it. */
export const removeProduct = job<Removed>({
  name: 'products.remove',
  key: ({ productId }) => productId,
  async run(removed, context) {
    const { accountId, productId } = removed;
    while ((await removePolicies(removed, context)) === batch) if (context.signal.aborted) return 'more';
    const ownTokens = and(eq(tokens.bearerType, 'product'), eq(tokens.bearerId, productId));
    return deleteInBatches(context.database, accountId, [...distributed(removed), [tokens, ownTokens]], context.signal);
  },
});
