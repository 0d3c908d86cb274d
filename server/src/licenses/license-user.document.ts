import { document, linked } from '../kernel/jsonapi/document.ts';
import { type LicenseUserRecord, licenseUserRecords } from './license.records.ts';

/** spec/licenses.md 10.5 */
export const licenseUserDocument = document<LicenseUserRecord>(licenseUserRecords, {
  attributes: {},
  relationships: { license: linked('licenses', ({ licenseId }) => licenseId), user: linked('users', ({ userId }) => userId) },
  path: ({ licenseId, userId }) => `/licenses/${licenseId}/users/${userId}`,
  link: 'related',
});
