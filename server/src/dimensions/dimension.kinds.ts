/** The dimensions that are resources, which differ in what names them (spec/distribution.md 12). */
import { artifacts } from '../artifacts/artifact.table.ts';
import { eq, type PgColumn } from '../kernel/database/drizzle.ts';
import type { Records } from '../kernel/database/records.ts';
import type { Context } from '../kernel/http/context.ts';
import { document } from '../kernel/jsonapi/document.ts';
import { packages } from '../packages/package.table.ts';
import { releases } from '../releases/release.table.ts';
import { dimensionAccess, isNamed, type Namer } from './dimension.access.ts';
import { archRecords, channelRecords, type DimensionRecord, engineRecords, platformRecords } from './dimension.records.ts';
import type { DimensionTable } from './dimension.table.ts';

type Name = Parameters<typeof dimensionAccess>[0];

const dimension = (name: Name, records: Records<DimensionRecord> & { table: DimensionTable }, namer: Namer, by: PgColumn) => ({
  name,
  records,
  document: document<DimensionRecord>(records, { attributes: { name: 'name', key: 'key' }, link: 'related' }),
  access: dimensionAccess(name, records.table, namer, by),
  /** Those that something of a product names, as far as the asker sees it. */
  usedBy: (productId: string, context: Context) => isNamed(context, records.table.id, namer, by, eq(namer.productId, productId)),
});

export const dimensions = [
  dimension('channel', channelRecords, releases, releases.channelId),
  dimension('platform', platformRecords, artifacts, artifacts.platformId),
  dimension('arch', archRecords, artifacts, artifacts.archId),
  dimension('engine', engineRecords, packages, packages.engineId),
] as const;
