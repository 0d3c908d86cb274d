import { arches } from '../arches/arch.table.ts';
import { constraints } from '../constraints/constraint.table.ts';
import { filetypes } from '../filetypes/filetype.table.ts';
import { sql } from '../kernel/database/drizzle.ts';
import { inner, left, type Row, records, sameAccount } from '../kernel/database/records.ts';
import { platforms } from '../platforms/platform.table.ts';
import { products } from '../products/product.table.ts';
import { releases } from '../releases/release.table.ts';
import { artifacts } from './artifact.table.ts';

/** An artifact comes with its release, the product, what the release asks for, and what tells artifacts apart. */
export const artifactRecords = records(artifacts, {
  type: 'artifacts',
  noun: 'release artifact',
  aliases: [artifacts.filename],
  joins: {
    release: inner(releases, sameAccount(artifacts, artifacts.releaseId, releases)),
    product: inner(products, sameAccount(artifacts, artifacts.productId, products)),
    platform: left(platforms, sameAccount(artifacts, artifacts.platformId, platforms)),
    arch: left(arches, sameAccount(artifacts, artifacts.archId, arches)),
    filetype: left(filetypes, sameAccount(artifacts, artifacts.filetypeId, filetypes)),
  },
  extras: {
    constraints: sql<string[]>`array(select ${constraints.entitlementId}::text from ${constraints}
      where ${constraints.accountId} = ${artifacts.accountId} and ${constraints.releaseId} = ${artifacts.releaseId})`,
  },
});
export type ArtifactRecord = Row<typeof artifactRecords> & {
  /** The URL that was just made for it. */
  redirect?: string;
};
