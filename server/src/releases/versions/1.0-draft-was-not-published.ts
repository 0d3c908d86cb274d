import { versionChange } from '../../kernel/versions/change.ts';
import { showingReleases } from './routes.ts';

export default versionChange({
  name: '1.0-draft-was-not-published',
  until: '1.0',
  row: 16,
  says: 'The status `DRAFT` of releases is called `NOT_PUBLISHED`.',
  on: showingReleases,
  resources: {
    releases({ attributes }) {
      if (attributes.status === 'DRAFT') attributes.status = 'NOT_PUBLISHED';
    },
  },
  example: [
    { type: 'releases', id: 'R', attributes: { status: 'DRAFT' } },
    { type: 'releases', id: 'R', attributes: { status: 'NOT_PUBLISHED' } },
  ],
});
