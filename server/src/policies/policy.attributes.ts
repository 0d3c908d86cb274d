/** From what a request says of a policy to its columns. */
import { and, eq } from '../kernel/database/drizzle.ts';
import type { Context } from '../kernel/http/context.ts';
import { idOf, newRow } from '../kernel/jsonapi/resource.ts';
import { products } from '../products/product.table.ts';
import { policyDefaults } from './policy.defaults.ts';
import type { PolicyRecord } from './policy.records.ts';
import type { PolicyDraft } from './policy.rules.ts';
import type { createPolicy, updatePolicy } from './policy.schema.ts';

type Created = (typeof createPolicy)['value'];
type Updated = (typeof updatePolicy)['value'];

const exact = (bytes: number | null): bigint | null => (bytes === null ? null : BigInt(bytes));

/** Columns as an update sets them. `concurrent` is what `overageStrategy` was called up to 1.1, as a flag. */
export function policyColumns({ maxMemory, maxDisk, concurrent, ...attributes }: Updated['data']['attributes']): Partial<PolicyRecord> {
  return {
    ...(concurrent !== undefined && { overageStrategy: concurrent ? 'ALWAYS_ALLOW_OVERAGE' : 'NO_OVERAGE' }),
    ...attributes,
    ...(maxMemory !== undefined && { maxMemory: exact(maxMemory) }),
    ...(maxDisk !== undefined && { maxDisk: exact(maxDisk) }),
  };
}

/** A policy that is not stored yet. A node-locked one has one machine unless it asks for more, which rules refuse. */
export async function newPolicy({ data }: Created, context: Context): Promise<PolicyDraft> {
  const { attributes, relationships } = data;
  const { accountId, db, version } = context;
  const productId = relationships.product.data.id;
  const [product] = await db
    .select()
    .from(products)
    .where(and(eq(products.accountId, accountId), eq(products.id, productId)));
  const row = {
    ...policyDefaults(attributes, version),
    protected: context.account.protected,
    ...policyColumns(attributes),
    name: attributes.name ?? '',
    productId,
    product: product ?? null,
    ...newRow(context, { environmentId: idOf(relationships.environment), parentEnvironmentId: product?.environmentId ?? null }),
  } as PolicyDraft;
  return { ...row, maxMachines: row.maxMachines ?? (row.floating ? null : 1) };
}
