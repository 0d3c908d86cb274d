/** What must hold of an artifact (spec/distribution.md 7.1, 19). */
import { and, eq, ne } from '../kernel/database/drizzle.ts';
import { mustExist } from '../kernel/jsonapi/association-rules.ts';
import { compatibleWith } from '../kernel/jsonapi/environment-rules.ts';
import { type Facts, longer, metadataRule, type OpenRule, rules, tooLong, touches } from '../kernel/jsonapi/rules.ts';
import { largestObject } from '../kernel/storage/store.ts';
import { type Release, releases } from '../releases/release.table.ts';
import { type ArtifactRecord, artifactRecords } from './artifact.records.ts';
import { artifacts } from './artifact.table.ts';

/** An artifact that is to be made: of its release all may be missing. */
export type ArtifactDraft = Omit<ArtifactRecord, 'release'> & { release: Release | null };

/** Whether a name with an extension ends in another than the filetype; either may be left out. @param filetype as it is stored */
export const extensionDiffers = (filename: string, filetype: string | null): boolean =>
  filetype !== null && filename.includes('.') && !filename.toLowerCase().endsWith(`.${filetype}`);

const extensionRule: OpenRule<ArtifactDraft> = ({ filename, filetype }, facts) =>
  touches(facts, 'filename') && extensionDiffers(filename, filetype?.key ?? null)
    ? { subject: 'filename', kind: 'EXTENSION_INVALID', detail: `filename extension does not match filetype (expected ${filetype!.key})` }
    : undefined;

async function isTaken({ id, accountId, releaseId, filename }: ArtifactDraft, facts: Facts): Promise<boolean> {
  if (!touches(facts, 'filename')) return false;
  const [found] = await facts.db
    .select({ id: artifacts.id })
    .from(artifacts)
    .where(and(eq(artifacts.accountId, accountId), eq(artifacts.releaseId, releaseId), eq(artifacts.filename, filename), ne(artifacts.id, id)))
    .limit(1);
  return found !== undefined;
}

export const artifactRules = rules<ArtifactDraft>(artifactRecords, [
  mustExist('release', releases, ({ releaseId }) => releaseId),
  extensionRule,
  compatibleWith<ArtifactDraft>([['release', ({ release }) => release]]),
  ['filename', 'already exists', 'TAKEN', isTaken],
  ['filename', tooLong(255), 'TOO_LONG', ({ filename }) => longer(filename, 255)],
  ['filesize', 'must be greater than or equal to 0', 'INVALID', ({ filesize }) => filesize !== null && filesize < 0n],
  ['filesize', `must be less than or equal to ${largestObject}`, 'INVALID', ({ filesize }) => filesize !== null && filesize > BigInt(largestObject)],
  ['checksum', tooLong(4096), 'TOO_LONG', ({ checksum }) => longer(checksum, 4096)],
  ['signature', tooLong(4096), 'TOO_LONG', ({ signature }) => longer(signature, 4096)],
  metadataRule,
]);
