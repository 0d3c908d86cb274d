import { adminsRelationship } from '../accounts/embedded-admins.ts';
import { body, string } from '../kernel/http/params.ts';

export const isolationStrategies: readonly string[] = ['ISOLATED', 'SHARED'];

/** spec/environments.md 1.3 */
export const createEnvironment = body('environments', {
  attributes: { name: string.required(), code: string.required(), isolationStrategy: string },
  relationships: { admins: adminsRelationship.required() },
});
/** spec/environments.md 1.4 */
export const updateEnvironment = body('environments', { id: 'ignored', attributes: { name: string, code: string } });
