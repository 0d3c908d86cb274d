import type { Role } from '../kernel/access/roles.ts';

const prefixes: Record<Role, string> = {
  environment: 'env',
  product: 'prod',
  admin: 'admin',
  user: 'user',
  license: 'activ',
  developer: 'dev',
  'sales-agent': 'sales',
  'support-agent': 'spprt',
  'read-only': 'read',
};

/** How a new token's secret begins, and how many random bytes follow (spec/auth.md 5.2). */
export const secretFormat = (role: Role): { prefix: string; bytes: number } => ({ prefix: prefixes[role], bytes: role === 'license' ? 16 : 32 });
