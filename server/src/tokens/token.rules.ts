import { tokenMayHold } from '../kernel/access/permissions.ts';
import { compatibleWith, environmentExists } from '../kernel/jsonapi/environment-rules.ts';
import { permissionsRule } from '../kernel/jsonapi/permission-rules.ts';
import { longer, type Rule, rules, tooLong } from '../kernel/jsonapi/rules.ts';
import { bearerOf } from './bearer.ts';
import { type TokenRecord, tokenRecords } from './token.records.ts';

const atLeastZero = (name: 'maxActivations' | 'maxDeactivations'): Rule<TokenRecord> => [
  name,
  'must be greater than or equal to 0',
  'INVALID',
  (token) => token[name] !== null && token[name] < 0,
];

/** spec/auth.md 5.3, 9.5 */
export const tokenRules = rules<TokenRecord>(tokenRecords, [
  ['name', tooLong(255), 'TOO_LONG', ({ name }) => longer(name, 255)],
  atLeastZero('maxActivations'),
  atLeastZero('maxDeactivations'),
  environmentExists,
  // an environment fits itself
  compatibleWith([['bearer', ({ user, product, license }) => user ?? product ?? license]]),
  permissionsRule((token) => {
    const bearer = bearerOf(token);
    return bearer === undefined || tokenMayHold(bearer.role, bearer.ownPermissions, token.permissions);
  }),
]);
