import { versionChange } from '../../kernel/versions/change.ts';
import { showingReleases } from './routes.ts';

const copied = ['platform', 'filetype', 'filename', 'filesize', 'signature', 'checksum'];

export default versionChange({
  name: '1.0-release-had-its-artifacts-attributes',
  until: '1.0',
  row: 15,
  says: 'Releases have the attributes `platform`, `filetype`, `filename`, `filesize`, `signature` and `checksum` of their artifact.',
  on: showingReleases,
  resources: {
    releases({ attributes, older }) {
      if (!older) return;
      const artifact = older.artifact as Record<string, unknown> | null;
      for (const name of copied) attributes[name] = artifact?.[name] ?? null;
    },
  },
  example: [
    { type: 'releases', id: 'R', attributes: {}, older: { artifact: { id: 'F', filename: 'App.dmg', filetype: 'dmg', filesize: 5 } } },
    { type: 'releases', id: 'R', attributes: { platform: null, filetype: 'dmg', filename: 'App.dmg', filesize: 5, signature: null, checksum: null } },
  ],
});
