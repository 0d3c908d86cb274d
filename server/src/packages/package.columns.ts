/** From what a request says of a package to its columns (spec/distribution.md 6.1). */
import { dimensionId } from '../dimensions/dimension.id.ts';
import { type Engine, engines } from '../engines/engine.table.ts';
import { and, eq } from '../kernel/database/drizzle.ts';
import type { Change } from '../kernel/events/change.ts';
import type { Context } from '../kernel/http/context.ts';
import { idOf, insertRow, newRow } from '../kernel/jsonapi/resource.ts';
import { products } from '../products/product.table.ts';
import { packageKey } from './package.key.ts';
import { type PackageRecord, packageRecords } from './package.records.ts';
import type { PackageDraft } from './package.rules.ts';
import type { createPackage, updatePackage } from './package.schema.ts';

const named = (key: string | null): Engine | null => (key === null ? null : ({ key } as Engine));

/** The engine's row comes when a package names it. */
const idOfEngine = async ({ engine }: Pick<PackageRecord, 'engine'>, { db, accountId, now }: Change): Promise<string | null> =>
  engine && (await dimensionId(db, engines, accountId, engine.key, now));

/** The unsaved package, with its product if there is such a product. */
export async function draftPackage({ data }: (typeof createPackage)['value'], context: Context): Promise<PackageDraft> {
  const { db, accountId } = context;
  const { name, key, engine = null, metadata = {} } = data.attributes;
  const productId = data.relationships.product.data.id;
  const [product] = await db
    .select()
    .from(products)
    .where(and(eq(products.accountId, accountId), eq(products.id, productId)));
  return {
    ...newRow(context, { environmentId: idOf(data.relationships.environment), parentEnvironmentId: product?.environmentId ?? null }),
    ...{ productId, product: product ?? null },
    ...{ name, key: packageKey(key, engine), sentKey: key, engineId: null, engine: named(engine), metadata },
  };
}

export async function storePackage(draft: PackageDraft, change: Change): Promise<PackageDraft> {
  const stored = { ...draft, engineId: await idOfEngine(draft, change) };
  await insertRow(change, packageRecords, stored);
  return stored;
}

/** A key that stays what it is keeps its spelling, whatever the engine becomes. */
export async function changedColumns(
  before: PackageRecord,
  { data }: (typeof updatePackage)['value'],
  _: Context,
  change: Change,
): Promise<Partial<PackageDraft>> {
  const { key, engine: engineKey, ...attributes } = data.attributes;
  const engine = engineKey === undefined ? before.engine : named(engineKey);
  return {
    ...attributes,
    ...(engineKey !== undefined && { engine, engineId: await idOfEngine({ engine }, change) }),
    ...(key !== undefined && key !== before.key && { key: packageKey(key, engine?.key ?? null), sentKey: key }),
  };
}
