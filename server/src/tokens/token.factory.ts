import type { BearerKind, Role } from '../kernel/access/roles.ts';
import { newTokenSecret, tokenDigest } from '../kernel/crypto/token-secrets.ts';
import { type FactoryContext, factory } from '../testkit/factory.ts';
import { secretFormat } from './secret-format.ts';
import { tokens } from './token.table.ts';

const kinds = ['user', 'product', 'license', 'environment'] as const satisfies readonly BearerKind[];

/** Which kind of bearer has an id. */
async function kindOf(find: FactoryContext['find'], id: unknown): Promise<BearerKind> {
  for (const kind of kinds) if (await find(kind, { id })) return kind;
  return 'user';
}

export const tokenFactory = factory({
  type: 'token',
  table: tokens,
  canonical: ({ bearer_type: type, ...attributes }) => (type === undefined ? attributes : { ...attributes, bearer_type: String(type).replace(/s$/, '') }),
  async defaults({ find, create }, given) {
    const { bearer_id: id, account_id } = given;
    const kind = (given.bearer_type ?? (id === undefined ? 'user' : await kindOf(find, id))) as BearerKind;
    const environment = given.environment_id === undefined || kind === 'environment' ? {} : { environment_id: given.environment_id };
    const bearer = id === undefined ? await create(kind, { account_id, ...environment }) : await find(kind, { id });
    return { bearer_type: kind, bearer_id: bearer?.id, environment_id: kind === 'environment' ? bearer?.id : bearer?.environment_id };
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
