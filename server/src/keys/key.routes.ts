import { and, eq } from '../kernel/database/drizzle.ts';
import type { Context } from '../kernel/http/context.ts';
import { uuidFilter } from '../kernel/jsonapi/filters.ts';
import { idOf, newRow, resource } from '../kernel/jsonapi/resource.ts';
import { policyDocument } from '../policies/policy.document.ts';
import { policyRecords } from '../policies/policy.records.ts';
import { type Policy, policies } from '../policies/policy.table.ts';
import { productDocument } from '../products/product.document.ts';
import { productRecords } from '../products/product.records.ts';
import { keyAccess as access } from './key.access.ts';
import { keyDocument as document } from './key.document.ts';
import { keyRecords as records } from './key.records.ts';
import { keyRules as rules } from './key.rules.ts';
import { createKey, updateKey } from './key.schema.ts';
import { keys } from './key.table.ts';

async function policyOf({ db, accountId }: Context, id: string): Promise<Policy | undefined> {
  const [policy] = await db
    .select()
    .from(policies)
    .where(and(eq(policies.accountId, accountId), eq(policies.id, id)));
  return policy;
}

/** spec/licensing.md 5 */
export default resource({ records, document, access, rules }, (on) => {
  on.list({ can: 'list', filters: { product: uuidFilter(policies.productId), policy: uuidFilter(keys.policyId) } });
  on.show({ can: 'show' });
  on.create({
    can: 'create',
    body: createKey,
    emits: 'key.created',
    async draft({ data }, context) {
      const { policy: named, environment } = data.relationships;
      const policy = await policyOf(context, named.data.id);
      const row = newRow(context, { environmentId: idOf(environment), parentEnvironmentId: policy?.environmentId ?? null });
      // rules refuse a draft without a policy
      return { ...data.attributes, ...row, policyId: named.data.id, policy: (policy ?? null) as Policy };
    },
  });
  on.update({ can: 'update', body: updateKey, emits: 'key.updated', diff: true });
  on.remove({ can: 'delete', emits: 'key.deleted' });

  on.related('policy', {
    can: 'show-policy',
    of: { records: policyRecords, document: policyDocument },
    id: ({ policyId }) => policyId,
    whenUnset: 'not found',
  });
  on.related('product', {
    can: 'show-product',
    of: { records: productRecords, document: productDocument },
    id: ({ policy }) => policy.productId,
    whenUnset: 'not found',
  });
});
