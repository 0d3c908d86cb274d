/** Who sees channels, platforms, arches and engines: whoever sees the product of something that names them (spec/distribution.md 1.4, 2.2, 12). */
import { type Asker, access, always, inEnvironment, lax, sightOf, staff, where } from '../kernel/access/access.ts';
import { and, eq, type PgColumn, type PgTable, type SQL, sql } from '../kernel/database/drizzle.ts';
import { sightThroughProduct } from '../releases/release.sight.ts';
import type { DimensionRecord } from './dimension.records.ts';
import type { DimensionTable } from './dimension.table.ts';

/** A table whose rows name a dimension, whatever their status. */
export type Namer = PgTable & { accountId: PgColumn; environmentId: PgColumn; productId: PgColumn };

/** Whether something that an asker's product set has in his environment names a row. @param by the column that names it @param more narrows what counts */
export function isNamed(asker: Asker, id: PgColumn, namer: Namer, by: PgColumn, more?: SQL): SQL {
  const place = and(eq(namer.accountId, asker.accountId), eq(by, id), inEnvironment(namer.environmentId, asker.environment));
  return sql`exists (select 1 from ${namer} where ${where(place, sightOf(sightThroughProduct(namer.productId), asker), more)})`;
}

export function dimensionAccess(name: 'channel' | 'platform' | 'arch' | 'engine', table: DimensionTable, namer: Namer, by: PgColumn) {
  const named = (_: unknown, asker: Asker): SQL => isNamed(asker, table.id, namer, by);
  const anyone = { ...staff, ...always('environment', 'product', 'user', 'license', 'anonymous') };
  return access<DimensionRecord, 'list' | 'show'>({
    visible: { staff: named, environment: named, product: named, user: named, license: named, anonymous: named },
    may: { list: lax(`${name}.read`, anyone), show: lax(`${name}.read`, anyone) },
  });
}
