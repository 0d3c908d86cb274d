import type { BearerKind, Role } from '../kernel/access/roles.ts';
import { newTokenSecret, tokenDigest } from '../kernel/crypto/token-secrets.ts';
import { factory } from '../testkit/factory.ts';
import { secretFormat } from './secret-format.ts';
import { tokens } from './token.table.ts';

export const tokenFactory = factory({
  type: 'token',
  table: tokens,
  async defaults({ find, create }, given) {
    if (given.bearer_id !== undefined)
      return { bearer_type: 'user', environment_id: (await find(String(given.bearer_type ?? 'user'), { id: given.bearer_id }))?.environment_id ?? null };
    const environment = given.environment_id === undefined ? {} : { environment_id: given.environment_id };
    return { bearer_type: 'user', bearer_id: (await create('user', { account_id: given.account_id, ...environment })).id };
  },
  async prepare({ account, find }, { secret: given, ...attributes }, how) {
    if (how === 'update' && given === undefined) return { columns: attributes };
    const kind = String(attributes.bearer_type ?? 'user') as BearerKind;
    const bearer = kind === 'user' ? await find('user', { id: attributes.bearer_id }) : undefined;
    const role = (bearer ? String(bearer.role).replace('_', '-') : kind) as Role;
    const { prefix, bytes } = secretFormat(role);
    const secret = typeof given === 'string' ? given : newTokenSecret(prefix, bytes);
    const { secretKey } = (await account(String(attributes.account_id)))!;
    return { columns: { ...attributes, digest: tokenDigest(secret, secretKey) }, plain: { secret } };
  },
});
