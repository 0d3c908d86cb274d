import { versionChange } from '../../kernel/versions/change.ts';
import { policyRoutes } from './routes.ts';

/** spec/http.md 13.4, 13 */
export default versionChange({
  name: '1.1-overage-was-concurrency',
  until: '1.1',
  row: 13,
  says: 'Whether a policy allows overage was told by its attribute `concurrent`.',
  on: [...policyRoutes, 'keys.policy.show'],
  resources: {
    policies({ attributes }) {
      attributes.concurrent = attributes.overageStrategy !== 'NO_OVERAGE';
    },
  },
  example: [
    { id: '1', type: 'policies', attributes: { overageStrategy: 'NO_OVERAGE' } },
    { id: '1', type: 'policies', attributes: { overageStrategy: 'NO_OVERAGE', concurrent: false } },
  ],
});
