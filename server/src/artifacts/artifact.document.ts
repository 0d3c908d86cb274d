import { accountPath, document, linked } from '../kernel/jsonapi/document.ts';
import { type ArtifactRecord, artifactRecords } from './artifact.records.ts';

/** spec/distribution.md 7.1, 7.2 */
export const artifactDocument = document<ArtifactRecord>(artifactRecords, {
  attributes: {
    filename: 'filename',
    filetype: ({ filetype }) => filetype?.key ?? null,
    filesize: 'filesize',
    platform: ({ platform }) => platform?.key ?? null,
    arch: ({ arch }) => arch?.key ?? null,
    signature: 'signature',
    checksum: 'checksum',
    status: 'status',
    metadata: 'metadata',
  },
  relationships: { release: linked('releases', ({ releaseId }) => releaseId) },
  older: ({ accountId, productId }) => ({ product: { account: accountPath(accountId), id: productId } }),
  links: ({ filename, redirect }, { self }) => ({ redirect, related: `${self}/${encodeURIComponent(filename)}` }),
});
