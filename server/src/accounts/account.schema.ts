import { body, boolean, object, string, toOne } from '../kernel/http/params.ts';
import { apiVersions } from '../kernel/versions/supported.ts';
import { adminsRelationship } from './embedded-admins.ts';

/** spec/accounts.md 4.1 */
export const createAccount = body('accounts', {
  attributesRequired: false,
  attributes: { name: string, slug: string, protected: boolean },
  relationshipsRequired: true,
  relationships: { plan: toOne('plans').required(), admins: adminsRelationship.required() },
  meta: object({ referral: string }),
});

/** spec/accounts.md 5 */
export const updateAccount = body('accounts', {
  id: 'ignored',
  attributes: { name: string, slug: string, apiVersion: string.oneOf(apiVersions), protected: boolean },
});
