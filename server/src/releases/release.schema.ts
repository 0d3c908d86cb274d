import { channelKeys } from '../channels/channel.keys.ts';
import { constraintLinks } from '../constraints/constraint.schema.ts';
import { body, environmentRelationship, linkageOrNone, metadata, object, string, time, toOne, toOneOrNone } from '../kernel/http/params.ts';

const text = string.nullable().allowBlank();
const backdated = time.nullable().as('backdatedAt');

/** spec/distribution.md 3.3 */
export const createRelease = body('releases', {
  attributes: {
    name: text,
    description: string.nullable(),
    channel: string.oneOf(channelKeys).required(),
    status: string.oneOf(['DRAFT', 'PUBLISHED']),
    tag: text,
    version: string.required(),
    backdated,
    metadata,
  },
  relationships: {
    product: toOne('products').required(),
    package: toOneOrNone('packages'),
    constraints: object({ data: constraintLinks.allowBlank().required() }),
    environment: environmentRelationship,
  },
  relationshipsRequired: true,
});
export const updateRelease = body('releases', { id: 'ignored', attributes: { name: text, description: text, tag: text, backdated, metadata } });

export const releasePackage = linkageOrNone('packages');

/** What an upgrade can be narrowed by; in queries, so blank is an error where it is not allowed (spec/distribution.md 11). */
export const upgradeQuery = object({ product: string.allowBlank(), package: string.allowBlank(), channel: string, constraint: string });
