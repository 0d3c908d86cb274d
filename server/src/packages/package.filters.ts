import { engineRecords } from '../dimensions/dimension.records.ts';
import { engines } from '../engines/engine.table.ts';
import { eq, sql } from '../kernel/database/drizzle.ts';
import { textFilter, uuidFilter } from '../kernel/jsonapi/filters.ts';
import { packages } from './package.table.ts';

/** How lists of packages can be narrowed (spec/distribution.md 6.3). */
export const packageFilters = {
  product: uuidFilter(packages.productId),
  engine: textFilter(
    (text, { accountId }) =>
      sql`${packages.engineId} in (select ${engines.id} from ${engines} where ${eq(engines.accountId, accountId)} and ${engineRecords.called(text)})`,
  ),
};
