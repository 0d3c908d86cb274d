import { rename, versionChange } from '../../kernel/versions/change.ts';
import { policyRoutes } from './routes.ts';

/** spec/http.md 13.4, 2 */
export default versionChange({
  name: '1.6-process-leasing-was-leasing',
  until: '1.6',
  row: 2,
  says: 'The process leasing strategy of a policy was called its leasing strategy.',
  on: policyRoutes,
  resources: {
    policies({ attributes }) {
      if (typeof attributes.processLeasingStrategy === 'string') rename(attributes, 'processLeasingStrategy', 'leasingStrategy');
    },
  },
  example: [
    { id: '1', type: 'policies', attributes: { machineLeasingStrategy: 'PER_USER', processLeasingStrategy: 'PER_MACHINE' } },
    { id: '1', type: 'policies', attributes: { machineLeasingStrategy: 'PER_USER', leasingStrategy: 'PER_MACHINE' } },
  ],
});
