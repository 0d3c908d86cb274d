import { rename, versionChange } from '../../kernel/versions/change.ts';
import { policyRoutes } from './routes.ts';

/** spec/http.md 13.4, 7 */
export default versionChange({
  name: '1.3-machine-uniqueness-was-fingerprint-uniqueness',
  until: '1.3',
  row: 7,
  says: 'The machine uniqueness strategy of a policy was called its fingerprint uniqueness strategy.',
  on: policyRoutes,
  resources: { policies: ({ attributes }) => rename(attributes, 'machineUniquenessStrategy', 'fingerprintUniquenessStrategy') },
  example: [
    { id: '1', type: 'policies', attributes: { machineUniquenessStrategy: 'UNIQUE_PER_POLICY' } },
    { id: '1', type: 'policies', attributes: { fingerprintUniquenessStrategy: 'UNIQUE_PER_POLICY' } },
  ],
});
