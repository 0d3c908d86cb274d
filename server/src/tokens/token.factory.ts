import { hash as sha } from 'node:crypto';
import { hash as bcrypt } from 'bcryptjs';
import type { BearerKind, Role } from '../kernel/access/roles.ts';
import type { SigningKeys } from '../kernel/crypto/account-keys.ts';
import { newTokenSecret, tokenDigest, tokenDigestV2, tokenVersion } from '../kernel/crypto/token-secrets.ts';
import { type FactoryContext, factory } from '../testkit/factory.ts';
import { secretFormat } from './secret-format.ts';
import { tokens } from './token.table.ts';

const kinds = ['user', 'product', 'license', 'environment'] as const satisfies readonly BearerKind[];

/** Which kind of bearer has an id. */
async function kindOf(find: FactoryContext['find'], id: unknown): Promise<BearerKind> {
  for (const kind of kinds) if (await find(kind, { id })) return kind;
  return 'user';
}

/** What is stored of a secret, by the version that it names (spec/auth.md 5.2). */
async function digestOf(secret: string, { keys, secretKey }: { keys: SigningKeys; secretKey: string }): Promise<string> {
  switch (tokenVersion(secret)) {
    case 1:
      return bcrypt(sha('sha256', secret, 'hex'), 4);
    case 2:
      return tokenDigestV2(secret, keys.private.rsa2048.export({ type: 'pkcs1', format: 'pem' }).toString());
    default:
      return tokenDigest(secret, secretKey);
  }
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
    const digest = await digestOf(secret, (await account(String(attributes.account_id)))!);
    return { columns: { ...attributes, digest }, plain: { secret } };
  },
});
