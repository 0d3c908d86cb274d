/** Who sees and does what with artifacts: mostly what their release lets them (spec/auth.md 11, spec/distribution.md 2). */
import { type Access, type Asker, access, always, type Bearer, type Condition, each, lax, staff, strict } from '../kernel/access/access.ts';
import { and, eq, or, type SQL } from '../kernel/database/drizzle.ts';
import { isOpen, open } from '../releases/accessible.ts';
import { type ReadRelease, refusesUnlicensed } from '../releases/release.reading.ts';
import { releaseSight } from '../releases/release.sight.ts';
import type { ArtifactRecord } from './artifact.records.ts';
import { artifacts } from './artifact.table.ts';

/** The release of an artifact as far as reading it is concerned. */
export const readRelease = ({ release, product, constraints, productId }: ArtifactRecord): ReadRelease => ({ ...release, productId, product, constraints });

/** Of what a bearer sees of releases, what is there to be downloaded. */
const uploaded =
  (kind: 'user' | 'license' | 'anonymous') =>
  (bearer: Bearer, asker: Asker): SQL => {
    const sight = releaseSight[kind] as (bearer: Bearer, asker: Asker) => SQL;
    return and(eq(artifacts.status, 'UPLOADED'), sight(bearer, asker))!;
  };

const own: Condition<ArtifactRecord> = (bearer, { productId }) => productId === bearer.id;
const ownOrOpen: Condition<ArtifactRecord> = (bearer, artifact) => artifact.productId === bearer.id || isOpen(artifact);
const writers = { ...always('admin', 'developer', 'environment'), ...each(own, 'product') };
const readers = { ...staff, ...always('environment', 'user', 'license', 'anonymous'), ...each(ownOrOpen, 'product') };
const reading = lax<ArtifactRecord>('artifact.read', readers, { unless: refusesUnlicensed(readRelease) });

export const artifactAccess: Access<ArtifactRecord, 'list' | 'show' | 'create' | 'update' | 'delete'> = access({
  visible: {
    staff: true,
    environment: true,
    product: ({ id }) => eq(artifacts.productId, id),
    user: uploaded('user'),
    license: uploaded('license'),
    anonymous: uploaded('anonymous'),
  },
  heard: ({ id }) => or(eq(artifacts.productId, id), open)!,
  may: {
    list: reading,
    show: reading,
    create: strict('artifact.create', writers),
    update: strict('artifact.update', writers),
    delete: strict('artifact.delete', writers),
  },
});
