import type { Role } from '../kernel/access/roles.ts';

const formats: Record<Role, { kind: string; prefix: string }> = {
  environment: { kind: 'environment-token', prefix: 'env' },
  product: { kind: 'product-token', prefix: 'prod' },
  admin: { kind: 'admin-token', prefix: 'admin' },
  user: { kind: 'user-token', prefix: 'user' },
  license: { kind: 'activation-token', prefix: 'activ' },
  developer: { kind: 'developer-token', prefix: 'dev' },
  'sales-agent': { kind: 'sales-token', prefix: 'sales' },
  'support-agent': { kind: 'support-token', prefix: 'spprt' },
  'read-only': { kind: 'read-only-token', prefix: 'read' },
};

/** How a new token's secret begins, and how many random bytes follow (spec/auth.md 5.2). */
export const secretFormat = (role: Role): { prefix: string; bytes: number } => ({ prefix: formats[role].prefix, bytes: role === 'license' ? 16 : 32 });

/** What a token is called after its bearer's role; undefined when the bearer is gone. */
export const kindOf = (role: Role | undefined): string => (role === undefined ? 'orphaned-token' : formats[role].kind);
