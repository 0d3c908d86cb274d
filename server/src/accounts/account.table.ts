import { instant, lower, textArray } from '../kernel/database/columns.ts';
import { boolean, foreignKey, index, integer, pgTable, text, uniqueIndex, uuid } from '../kernel/database/drizzle.ts';
import { plans } from '../plans/plan.table.ts';

/** Private keys and the secret key are sealed at rest (kernel/crypto/sealing.ts). */
export const accounts = pgTable(
  'accounts',
  {
    id: uuid().primaryKey(),
    createdAt: instant().notNull(),
    updatedAt: instant().notNull(),
    name: text(),
    slug: text().notNull(),
    apiVersion: text(),
    protected: boolean().notNull().default(false),
    planId: uuid(),
    cname: text(),
    domain: text(),
    subdomain: text(),
    /** The kind of store that new artifacts go to; null: the installation's. */
    backend: text(),
    secretKey: text().notNull(),
    rsaPrivateKey: text().notNull(),
    rsaPublicKey: text().notNull(),
    ed25519PrivateKey: text().notNull(),
    ed25519PublicKey: text().notNull(),
    ecdsaPrivateKey: text().notNull(),
    ecdsaPublicKey: text().notNull(),
    ssoOrganizationId: text(),
    ssoOrganizationDomains: textArray().notNull().default([]),
    ssoSessionDuration: integer(),
    ssoJitProvisioning: boolean().notNull().default(false),
    ssoExternalAuthn: boolean().notNull().default(false),
    ssoIdpInitiatedAuthn: boolean().notNull().default(false),
    ssoSyncRoles: boolean().notNull().default(false),
  },
  (t) => [
    uniqueIndex('accounts_slug').on(lower(t.slug)),
    uniqueIndex('accounts_cname').on(t.cname),
    uniqueIndex('accounts_domain').on(t.domain),
    uniqueIndex('accounts_sso_organization').on(t.ssoOrganizationId),
    // A plan that accounts are on stays.
    foreignKey({ name: 'accounts_plan', columns: [t.planId], foreignColumns: [plans.id] }),
    index('accounts_by_plan').on(t.planId),
    index('accounts_order').on(t.createdAt, t.id),
  ],
);
export type Account = typeof accounts.$inferSelect;
