import { document, linked } from '../kernel/jsonapi/document.ts';
import { type ConstraintRecord, constraintRecords } from './constraint.records.ts';

/** spec/distribution.md 10 */
export const constraintDocument = document<ConstraintRecord>(constraintRecords, {
  attributes: {},
  relationships: {
    entitlement: linked('entitlements', ({ entitlementId }) => entitlementId),
    release: linked('releases', ({ releaseId }) => releaseId),
  },
  path: ({ releaseId, id }) => `/releases/${releaseId}/constraints/${id}`,
  link: 'related',
});
