import { arches } from '../arches/arch.table.ts';
import { filetypes } from '../filetypes/filetype.table.ts';
import { belongsTo, hashOf, int64, metadataColumn, refersTo, scopedColumns, scopedKeys, uniqueInAccount } from '../kernel/database/columns.ts';
import { index, isNotNull, pgTable, text, uuid } from '../kernel/database/drizzle.ts';
import { platforms } from '../platforms/platform.table.ts';
import { releases } from '../releases/release.table.ts';

/** spec/distribution.md 7.1 */
export const artifacts = pgTable(
  'artifacts',
  {
    ...scopedColumns(),
    releaseId: uuid().notNull(),
    /** The release's, kept here for visibility and validation. */
    productId: uuid().notNull(),
    platformId: uuid(),
    archId: uuid(),
    filetypeId: uuid(),
    filename: text().notNull(),
    /** Bytes, as the client says; what the store says is `contentLength`. */
    filesize: int64(),
    signature: text(),
    checksum: text(),
    status: text().notNull(),
    /** The kind of store that the object is in. */
    backend: text().notNull(),
    contentLength: int64(),
    contentType: text(),
    etag: text(),
    metadata: metadataColumn(),
  },
  (t) => [
    ...scopedKeys('artifacts', t),
    belongsTo('artifacts_release', t, t.releaseId, () => releases),
    refersTo('artifacts_platform', t, t.platformId, () => platforms),
    refersTo('artifacts_arch', t, t.archId, () => arches),
    refersTo('artifacts_filetype', t, t.filetypeId, () => filetypes),
    uniqueInAccount('artifacts_filename', t, t.releaseId, t.filename),
    index('artifacts_by_filename').on(t.accountId, t.filename),
    index('artifacts_by_checksum').on(t.accountId, hashOf(t.checksum), t.productId).where(isNotNull(t.checksum)),
    index('artifacts_product').on(t.accountId, t.productId, t.createdAt),
    index('artifacts_by_platform').on(t.accountId, t.platformId),
    index('artifacts_by_arch').on(t.accountId, t.archId),
    index('artifacts_by_filetype').on(t.accountId, t.filetypeId),
    index('artifacts_metadata').using('gin', t.metadata.op('jsonb_path_ops')),
  ],
);
export type Artifact = typeof artifacts.$inferSelect;
