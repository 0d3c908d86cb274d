import { authorize } from '../kernel/access/access.ts';
import type { Context } from '../kernel/http/context.ts';
import { lookup } from '../kernel/jsonapi/lookup.ts';
import { resource } from '../kernel/jsonapi/resource.ts';
import { artifactAccess as access } from './artifact.access.ts';
import { artifactDocument as document } from './artifact.document.ts';
import { bytes, draftArtifact, storeArtifact } from './artifact.draft.ts';
import { artifactFilters } from './artifact.filters.ts';
import { newestVersion } from './artifact.order.ts';
import { type ArtifactRecord, artifactRecords as records } from './artifact.records.ts';
import { artifactRules } from './artifact.rules.ts';
import { createArtifact, updateArtifact } from './artifact.schema.ts';
import { download, downloads, namedBy } from './download.ts';
import { preferences } from './prefer.ts';
import { yank } from './yank.ts';

const narrowing = Object.fromEntries(Object.keys(artifactFilters).map((name) => [name, `Tells artifacts of the same filename apart by ${name}.`]));

/** What tells artifacts of one filename apart, and which it is when nothing does. */
const find = { qualifiers: artifactFilters, best: newestVersion };

/** The artifact that the rest of the path names. */
async function named(context: Context, name: string): Promise<ArtifactRecord> {
  const artifact = await lookup(context, { records, access }, name, find);
  context.requestResource = { type: records.type, id: artifact.id };
  return artifact;
}

/** spec/distribution.md 7, 8, 9 */
export default resource(
  { records, document, access, rules: artifactRules },
  (on) => {
    on.list({ can: 'list', auth: 'optional', filters: artifactFilters });
    on.create({
      can: 'create',
      body: createArtifact,
      emits: 'artifact.created',
      status: 307,
      draft: draftArtifact,
      store: storeArtifact,
      answer: ({ redirect }: ArtifactRecord, context) => ({ status: preferences(context).has('no-redirect') ? 200 : 307, headers: { Location: redirect! } }),
    });
    on.route('show', 'GET', '/*', {
      summary: 'Show a release artifact, and where its bytes are',
      media: 'any',
      auth: 'optional',
      answers: records.type,
      status: downloads.status,
      query: { ...narrowing, ...downloads.query, filename: 'The name of the object, when it is not that of the artifact.' },
      async run(context) {
        const { name, filename } = namedBy(context.params['*']!, context.query.filename);
        const artifact = await named(context, name);
        await authorize(context, access.may.show, { record: artifact });
        return download(artifact, context, filename);
      },
    });
    on.update({
      can: 'update',
      body: updateArtifact,
      emits: 'artifact.updated',
      find,
      assign: (_, { data: { attributes } }) =>
        ({ ...attributes, ...(attributes.filesize !== undefined && { filesize: bytes(attributes.filesize)! }) }) as Partial<ArtifactRecord>,
    });
    on.route('delete', 'DELETE', '/*', {
      summary: 'Delete a release artifact',
      status: 204,
      query: narrowing,
      async run(context) {
        const artifact = await named(context, context.params['*']!);
        await authorize(context, access.may.delete, { record: artifact });
        return yank(artifact, context);
      },
    });
  },
  { member: '/*' },
);
