import { document, many, one, wireInteger } from '../kernel/jsonapi/document.ts';
import { type ReleaseRecord, releaseRecords } from './release.records.ts';
import { parseVersion, type Version } from './version.ts';

function semver(text: string): Record<string, unknown> {
  const { major, minor, patch, prerelease, build } = parseVersion(text) as Version;
  return { major: wireInteger(major), minor: wireInteger(minor), patch: wireInteger(patch), prerelease, build };
}

/** spec/distribution.md 3.1, 3.2 */
export const releaseDocument = document<ReleaseRecord>(releaseRecords, {
  attributes: {
    name: 'name',
    description: 'description',
    channel: ({ channel }) => channel.key,
    status: 'status',
    tag: 'tag',
    version: 'version',
    semver: ({ version }) => semver(version),
    metadata: 'metadata',
    backdated: 'backdatedAt',
    yanked: 'yankedAt',
  },
  relationships: {
    product: one('products', ({ productId }) => productId, 'product'),
    package: one('packages', ({ packageId }) => packageId, 'package'),
    entitlements: many('entitlements'),
    constraints: many('constraints'),
    artifacts: many('artifacts'),
    upgrade: many('upgrade'),
  },
  older: ({ artifact }) => ({ artifact: artifact ?? null }),
});
