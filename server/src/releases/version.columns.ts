/** Versions in the database: the columns of a release that follow its version, and the order of rows, which is that of `compareVersions`. */
import { type SQL, sql } from '../kernel/database/drizzle.ts';
import { type Release, releases } from './release.table.ts';
import { formatVersion, type SortKey, sortKey, sortOrder, type Version } from './version.ts';

const columns = {
  major: 'semverMajor',
  minor: 'semverMinor',
  patch: 'semverPatch',
  preWord: 'semverPreWord',
  preNum: 'semverPreNum',
  buildWord: 'semverBuildWord',
  buildNum: 'semverBuildNum',
} as const satisfies Record<keyof SortKey, keyof Release>;
type VersionColumns = Pick<Release, 'version' | (typeof columns)[keyof SortKey]>;

/** The columns of a release that has this version. */
export function versionColumns(version: Version): VersionColumns {
  const key = sortKey(version);
  const parsed = sortOrder.map(([member]) => [columns[member], key[member]]);
  return { version: formatVersion(version), ...Object.fromEntries(parsed) } as VersionColumns;
}

/** What releases are ordered by, the highest version first. Where there are no nulls, nothing is said of them, so that an index will do. */
export const highestFirst: SQL = sql.join(
  sortOrder.map(([member, none]) => {
    const column = releases[columns[member]];
    return sql`${column} desc${sql.raw(column.notNull || none === 'highest' ? '' : ' nulls last')}`;
  }),
  sql`, `,
);
