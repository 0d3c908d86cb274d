import { body, environmentRelationship, integer, metadata, object, string, toOne } from '../kernel/http/params.ts';

const text = string.nullable().allowBlank();
const described = { filesize: integer.nullable(), signature: text, checksum: text, metadata };

/** spec/distribution.md 7.3 */
export const createArtifact = body('artifacts', {
  attributes: { filename: string.required(), filetype: text, platform: text, arch: text, ...described },
  relationships: { release: toOne('releases').required(), environment: environmentRelationship },
  relationshipsRequired: true,
});
export const updateArtifact = body('artifacts', { id: 'ignored', attributes: described });

const trusted = new Set(['admin', 'developer', 'sales-agent', 'support-agent', 'product', 'environment']);

/** How long a URL is to be valid; what the others say of it is not heard (spec/distribution.md 9.2). */
export const downloadQuery = object({
  ttl: integer
    .nullable()
    .coerce()
    .only(({ role }) => trusted.has(role)),
});
