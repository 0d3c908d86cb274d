import { rename, versionChange } from '../../kernel/versions/change.ts';
import { policyRoutes } from './routes.ts';

/** spec/http.md 13.4, 8 */
export default versionChange({
  name: '1.3-machine-matching-was-fingerprint-matching',
  until: '1.3',
  row: 8,
  says: 'The machine matching strategy of a policy was called its fingerprint matching strategy.',
  on: policyRoutes,
  resources: { policies: ({ attributes }) => rename(attributes, 'machineMatchingStrategy', 'fingerprintMatchingStrategy') },
  example: [
    { id: '1', type: 'policies', attributes: { machineMatchingStrategy: 'MATCH_ANY' } },
    { id: '1', type: 'policies', attributes: { fingerprintMatchingStrategy: 'MATCH_ANY' } },
  ],
});
