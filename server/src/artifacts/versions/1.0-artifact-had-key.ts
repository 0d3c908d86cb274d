import { versionChange } from '../../kernel/versions/change.ts';
import { showingArtifacts } from './routes.ts';

export default versionChange({
  name: '1.0-artifact-had-key',
  until: '1.0',
  row: 18,
  says: 'Artifacts have their filename as `key`, too.',
  on: showingArtifacts,
  resources: {
    artifacts({ attributes }) {
      attributes.key = attributes.filename;
    },
  },
  example: [
    { type: 'artifacts', id: 'F', attributes: { filename: 'App.dmg' } },
    { type: 'artifacts', id: 'F', attributes: { filename: 'App.dmg', key: 'App.dmg' } },
  ],
});
