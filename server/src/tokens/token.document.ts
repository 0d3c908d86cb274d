import { sorted } from '../kernel/access/permissions.ts';
import { document, linked } from '../kernel/jsonapi/document.ts';
import { bearerOf, tokenOf } from './bearer.ts';
import { kindOf } from './secret-format.ts';
import { type TokenRecord, tokenRecords } from './token.records.ts';

/** Counters are shown on the tokens of licenses only. */
const counter = (name: 'activations' | 'maxActivations' | 'deactivations' | 'maxDeactivations') => (token: TokenRecord) =>
  token.bearerType === 'license' ? token[name] : undefined;

function effectivePermissions(token: TokenRecord): readonly string[] {
  const bearer = bearerOf(token);
  return sorted(bearer ? tokenOf(token, bearer).permissions : token.permissions);
}

/** spec/auth.md 5.1 */
export const tokenDocument = document<TokenRecord>(tokenRecords, {
  attributes: {
    kind: (token) => kindOf(bearerOf(token)?.role),
    token: ({ secret }, { context }) => (context === 'response' ? secret : undefined),
    expiry: 'expiry',
    name: 'name',
    maxActivations: counter('maxActivations'),
    activations: counter('activations'),
    maxDeactivations: counter('maxDeactivations'),
    deactivations: counter('deactivations'),
    permissions: effectivePermissions,
  },
  relationships: {
    bearer: (token, paths) => linked<TokenRecord>(`${token.bearerType}s`, ({ bearerId }) => bearerId)(token, paths),
  },
});
