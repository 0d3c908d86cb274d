/** How lists of artifacts can be narrowed, and artifacts of one filename told apart; on `artifacts` with what is joined to them (spec/distribution.md 7.5). */
import { arches } from '../arches/arch.table.ts';
import { namedBy } from '../dimensions/dimension.filters.ts';
import { filetypeKey } from '../dimensions/dimension.key.ts';
import { filetypes } from '../filetypes/filetype.table.ts';
import { eq, isNull, type PgColumn } from '../kernel/database/drizzle.ts';
import { nameFilter, textFilter } from '../kernel/jsonapi/filters.ts';
import type { Filters } from '../kernel/jsonapi/list.ts';
import { platforms } from '../platforms/platform.table.ts';
import { productRecords } from '../products/product.records.ts';
import { releaseFilters } from '../releases/release.filters.ts';
import { releaseRecords } from '../releases/release.records.ts';
import { artifacts } from './artifact.table.ts';

const statuses = ['WAITING', 'PROCESSING', 'UPLOADED', 'FAILED', 'YANKED'] as const;

/** Those of a release's artifacts, where what is blank counts as absent. */
export const filtersOfRelease = {
  status: nameFilter(statuses, (status) => eq(artifacts.status, status)),
  filetype: namedBy(filetypes, artifacts.filetypeId, filetypeKey),
  platform: namedBy(platforms, artifacts.platformId),
  arch: namedBy(arches, artifacts.archId),
} satisfies Filters;

const orWithout = (filter: (typeof filtersOfRelease)['arch'], column: PgColumn) =>
  Object.assign(((value, context) => filter(value, context)) as typeof filter, { whenBlank: isNull(column) });

/** Those of a product's. */
export const filtersOfProduct = {
  channel: releaseFilters.channel,
  status: filtersOfRelease.status,
  package: releaseFilters.package,
  engine: releaseFilters.engine,
  filetype: orWithout(filtersOfRelease.filetype, artifacts.filetypeId),
  platform: orWithout(filtersOfRelease.platform, artifacts.platformId),
  arch: orWithout(filtersOfRelease.arch, artifacts.archId),
} satisfies Filters;

export const artifactFilters = {
  ...filtersOfProduct,
  product: textFilter((text) => productRecords.called(text)),
  release: textFilter((text) => releaseRecords.called(text)),
} satisfies Filters;
