import { arches } from '../arches/arch.table.ts';
import { withDimensions } from '../dimensions/dimension.factory.ts';
import { filetypeKey, platformKey } from '../dimensions/dimension.key.ts';
import { filetypes } from '../filetypes/filetype.table.ts';
import { platforms } from '../platforms/platform.table.ts';
import { factory } from '../testkit/factory.ts';
import { artifacts } from './artifact.table.ts';
import { objectKey } from './object-key.ts';

const dimensions = {
  platform: { table: platforms, key: platformKey },
  arch: { table: arches, key: platformKey },
  filetype: { table: filetypes, key: filetypeKey },
};

/** What counts as stored takes no more memory than this. */
const mostStored = 1024 * 1024;

/** `platform`, `arch` and `filetype` are texts as on the wire. */
export const artifactFactory = factory({
  type: 'release_artifact',
  table: artifacts,
  parents: { release_id: 'release' },
  aliases: { release_platform_id: 'platform_id', release_arch_id: 'arch_id', release_filetype_id: 'filetype_id' },
  async defaults({ sequence, find }, given) {
    const release = await find('release', { id: given.release_id });
    return { filename: `artifact-${sequence}`, status: 'WAITING', backend: 'S3', environment_id: release?.environment_id };
  },
  async prepare(context, attributes) {
    const columns = await withDimensions(context, attributes, dimensions);
    const release = columns.release_id ? await context.find('release', { id: columns.release_id }) : undefined;
    return { columns: release ? { ...columns, product_id: release.product_id } : columns };
  },
  async after({ store }, row, before) {
    if (row.status !== 'UPLOADED' || before?.status === 'UPLOADED') return;
    const { account_id, release_id, filename, filesize } = row as Record<string, string>;
    store(objectKey({ accountId: account_id!, releaseId: release_id!, filename: filename! }), Buffer.alloc(Math.min(Number(filesize ?? 0), mostStored)));
  },
});
