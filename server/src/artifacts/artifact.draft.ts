/** An artifact that is to be made, and the URL to which its bytes are to be put (spec/distribution.md 7.3, 8.1). */
import { arches } from '../arches/arch.table.ts';
import { dimensionId } from '../dimensions/dimension.id.ts';
import { filetypeKey, platformKey } from '../dimensions/dimension.key.ts';
import type { DimensionTable } from '../dimensions/dimension.table.ts';
import { filetypes } from '../filetypes/filetype.table.ts';
import { and, eq } from '../kernel/database/drizzle.ts';
import type { Change } from '../kernel/events/change.ts';
import type { Context } from '../kernel/http/context.ts';
import { idOf, insertRow, newRow } from '../kernel/jsonapi/resource.ts';
import { platforms } from '../platforms/platform.table.ts';
import { releaseRecords } from '../releases/release.records.ts';
import { type ArtifactRecord, artifactRecords } from './artifact.records.ts';
import type { ArtifactDraft } from './artifact.rules.ts';
import type { createArtifact } from './artifact.schema.ts';
import { objectKey } from './object-key.ts';
import { recordLink } from './record-link.ts';
import { waitForUpload } from './wait-for-upload.ts';

type Body = (typeof createArtifact)['value'];

/** How long a client may take to begin an upload, in seconds. */
const uploadSeconds = 3600;

/** A size as it is stored. */
export const bytes = (size: number | bigint | null | undefined): bigint | null | undefined => (size === null || size === undefined ? size : BigInt(size));

/** A dimension that may not be stored yet. */
const unsaved = <D>(key: string | null): D | null => (key === null ? null : ({ key } as D));

const described = { signature: null, checksum: null, metadata: {} };
const untold = { status: 'WAITING', contentLength: null, contentType: null, etag: null };

/** The unsaved artifact, as far as it must be known to be authorized and judged. */
export async function draftArtifact({ data }: Body, context: Context): Promise<ArtifactRecord> {
  const { accountId, db, account, services } = context;
  const { release: named, environment } = data.relationships;
  const { platform = null, arch = null, filetype = null, filesize = null, ...attributes } = data.attributes;
  const releaseId = named.data.id;
  const table = releaseRecords.table;
  const [release] = await releaseRecords.find(db, and(eq(table.accountId, accountId), eq(table.id, releaseId)));
  const draft = {
    ...{ ...described, ...untold, ...attributes },
    ...newRow(context, { environmentId: idOf(environment), parentEnvironmentId: release?.environmentId ?? null }),
    ...{ releaseId, release: release ?? null, productId: release?.productId ?? null, product: release?.product ?? null },
    ...{ platform: unsaved(platformKey(platform)), arch: unsaved(platformKey(arch)), filetype: unsaved(filetypeKey(filetype)) },
    filesize: bytes(filesize),
    backend: services.storage.backendFor(account.backend),
    constraints: release?.constraints ?? [],
  };
  return draft as unknown as ArtifactDraft as ArtifactRecord;
}

async function stored(table: DimensionTable, dimension: { key: string } | null, { db, accountId, now }: Change): Promise<string | null> {
  return dimension && dimensionId(db, table, accountId, dimension.key, now);
}

/** Stores an artifact that has passed its rules, and begins to wait for its bytes. */
export async function storeArtifact(artifact: ArtifactRecord, change: Change, _: Body, context: Context): Promise<ArtifactRecord> {
  const { services, now } = context;
  const platformId = await stored(platforms, artifact.platform, change);
  const archId = await stored(arches, artifact.arch, change);
  const filetypeId = await stored(filetypes, artifact.filetype, change);
  const row = { ...artifact, platformId, archId, filetypeId };
  await insertRow(change, artifactRecords, row);
  await change.enqueue(waitForUpload, { accountId: row.accountId, artifactId: row.id, enqueued: now.toISOString() });
  const redirect = await services.storage.of(row.backend).presign({ method: 'PUT', key: objectKey(row), seconds: uploadSeconds, now });
  recordLink(context, { kind: 'upload', url: redirect, ttl: uploadSeconds, release: row.release });
  return { ...row, redirect };
}
