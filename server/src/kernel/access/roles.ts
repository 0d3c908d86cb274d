/** The roles of bearers (spec/auth.md 9.1). */

/** Wire name, what kind of bearer has it, and its rank: nobody writes a user who outranks him. */
const table = {
  admin: { bearer: 'user', rank: 7 },
  environment: { bearer: 'environment', rank: 6 },
  developer: { bearer: 'user', rank: 5 },
  product: { bearer: 'product', rank: 4 },
  'sales-agent': { bearer: 'user', rank: 3 },
  'support-agent': { bearer: 'user', rank: 2 },
  'read-only': { bearer: 'user', rank: 1 },
  license: { bearer: 'license', rank: 0 },
  user: { bearer: 'user', rank: 0 },
} as const;

export type Role = keyof typeof table;
export type BearerKind = (typeof table)[Role]['bearer'];

export const roles = Object.keys(table) as Role[];
/** What a user's role may be. */
export const userRoles = ['user', 'admin', 'developer', 'sales-agent', 'support-agent', 'read-only'] as const satisfies readonly Role[];
export type UserRole = (typeof userRoles)[number];
/** The vendor's own people. */
export const staffRoles = ['admin', 'developer', 'sales-agent', 'support-agent', 'read-only'] as const satisfies readonly Role[];

export const rankOf = (role: Role): number => table[role].rank;
/** A role as error details name it: `sales agent`. */
export const roleInWords = (role: Role | 'anonymous'): string => (role === 'anonymous' ? 'anon' : role.replace('-', ' '));
/** A role as it is stored: `sales_agent`. */
export const storedRole = (role: Role): string => role.replace('-', '_');
