/** Downloads (spec/distribution.md 9): an artifact is shown, and its bytes are elsewhere. */
import { checkParams } from '../kernel/http/check-params.ts';
import type { Context } from '../kernel/http/context.ts';
import { badParameter } from '../kernel/http/errors.ts';
import type { Answer } from '../kernel/http/route.ts';
import { parseUuid } from '../kernel/id.ts';
import { artifactAccess as access } from './artifact.access.ts';
import { artifactDocument as document } from './artifact.document.ts';
import type { ArtifactRecord } from './artifact.records.ts';
import { downloadQuery } from './artifact.schema.ts';
import { objectKey } from './object-key.ts';
import { preferences } from './prefer.ts';
import { recordLink } from './record-link.ts';

const standard = 900;
const shortest = 60;
const longest = 604_800;

/** Seconds that a URL is to be valid (spec/distribution.md 9.2). @throws {ApiError} 400 */
function secondsOf({ query, sender }: Context): number {
  const { ttl } = checkParams(downloadQuery, query, sender, 'query');
  if (ttl === undefined || ttl === null) return standard;
  if (ttl < shortest) throw badParameter(`must be greater than or equal to ${shortest} (1 minute)`, { parameter: 'ttl' });
  if (ttl > longest) throw badParameter(`must be less than or equal to ${longest} (1 week)`, { parameter: 'ttl' });
  return ttl;
}

/** `{uuid}/{filename}` names an artifact by the UUID, and its object by the filename; so does the query's `filename` (spec/distribution.md 9.3). */
export function namedBy(rest: string, override: unknown): { name: string; filename: string | undefined } {
  const slash = rest.indexOf('/');
  const isVanity = slash > 0 && slash < rest.length - 1 && parseUuid(rest.slice(0, slash)) !== undefined;
  if (isVanity) return { name: rest.slice(0, slash), filename: rest.slice(slash + 1) };
  return { name: rest, filename: typeof override === 'string' && override.trim() !== '' ? override : undefined };
}

/** Whether there is something to download: those who see drafts may have them. */
export const isDownloadable = ({ status, release }: { status: string; release: { status: string } }): boolean =>
  status === 'UPLOADED' && release.status !== 'YANKED';

/** Answers an artifact that may be read with the URL of its bytes, and tells of the download. @throws {ApiError} 400 */
export async function download(artifact: ArtifactRecord, context: Context, filename = artifact.filename): Promise<Answer> {
  const seconds = secondsOf(context);
  const prefer = preferences(context);
  const show = (row: ArtifactRecord) => ({ data: document.render(row, { now: context.now, context: 'response' }) });
  if (!isDownloadable(artifact) || prefer.has('no-download')) return { status: 200, document: show(artifact) };
  const { release, backend } = artifact;
  const key = objectKey({ ...artifact, filename });
  const redirect = await context.services.storage.of(backend).presign({ method: 'GET', key, seconds, now: context.now });
  const row = { ...artifact, redirect };
  const log = { product: release.productId, package: release.packageId, version: release.version };
  for (const event of ['artifact.downloaded', 'release.downloaded']) context.emitLater(event, { document, access, row }, { log });
  recordLink(context, { kind: 'download', url: redirect, ttl: seconds, release });
  return { status: prefer.has('no-redirect') ? 200 : 303, document: show(row), headers: { Location: redirect } };
}

/** A download as a route below another record has it. */
export const downloads = {
  status: 303,
  query: {
    ttl: 'Seconds that the URL is to be valid: 60 to 604800.',
    prefer: 'What the header `Prefer` says, where it cannot be sent: `no-redirect`, `no-download`.',
  },
  run: (artifact: ArtifactRecord, context: Context): Promise<Answer> => download(artifact, context),
};
