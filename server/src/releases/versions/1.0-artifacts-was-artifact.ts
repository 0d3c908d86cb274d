import { versionChange } from '../../kernel/versions/change.ts';
import { showingReleases } from './routes.ts';

const relationships = { product: { data: { type: 'products', id: 'P' } } };

export default versionChange({
  name: '1.0-release-artifacts-was-artifact',
  until: '1.0',
  row: 14,
  says: 'Releases have one artifact, their newest, as `artifact` instead of `artifacts`.',
  on: showingReleases,
  resources: {
    releases({ relationships, older, links }) {
      if (!relationships || !older) return;
      const artifact = older.artifact as { id: string } | null;
      delete relationships.artifacts;
      relationships.artifact = { links: { related: `${links?.self}/artifact` }, data: artifact && { type: 'artifacts', id: artifact.id } };
    },
  },
  example: [
    {
      ...{ type: 'releases', id: 'R', attributes: {}, links: { self: '/v1/accounts/A/releases/R' }, older: { artifact: { id: 'F' } } },
      relationships: { ...relationships, artifacts: { links: { related: '/v1/accounts/A/releases/R/artifacts' } } },
    },
    {
      ...{ type: 'releases', id: 'R', attributes: {}, links: { self: '/v1/accounts/A/releases/R' } },
      relationships: { ...relationships, artifact: { links: { related: '/v1/accounts/A/releases/R/artifact' }, data: { type: 'artifacts', id: 'F' } } },
    },
  ],
});
