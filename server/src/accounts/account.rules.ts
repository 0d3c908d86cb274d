import { and, eq, ne, sql } from '../kernel/database/drizzle.ts';
import { type Facts, longer, type Rule, reserved, rules, tooLong, touches } from '../kernel/jsonapi/rules.ts';
import { plans } from '../plans/plan.table.ts';
import type { UserRecord } from '../users/user.records.ts';
import { accountRecords } from './account.records.ts';
import { accounts } from './account.table.ts';
import { adminFailures } from './embedded-admins.ts';

/** A new account has a slug only if one was given. */
export interface AccountDraft {
  id: string;
  name: string | null;
  slug: string | null;
}

async function slugTaken({ id, slug }: AccountDraft, { db }: Facts): Promise<boolean> {
  const [other] = await db
    .select({ id: accounts.id })
    .from(accounts)
    .where(and(ne(accounts.id, id), sql`lower(${accounts.slug}) = lower(${slug})`))
    .limit(1);
  return other !== undefined;
}

/** spec/accounts.md 3.4 */
const slugRule = (
  detail: string,
  kind: string,
  fails: (account: AccountDraft & { slug: string }, facts: Facts) => boolean | Promise<boolean>,
): Rule<AccountDraft> => [
  'slug',
  detail,
  kind,
  (account, facts) => account.slug !== null && touches(facts, 'slug') && fails({ ...account, slug: account.slug }, facts),
];

const attributeRules: readonly Rule<AccountDraft>[] = [
  slugRule('can only contain lowercase letters, numbers and dashes (but cannot start with dash)', 'INVALID', ({ slug }) => !/^[a-z0-9][-a-z0-9]+$/.test(slug)),
  slugRule('is reserved', 'NOT_ALLOWED', ({ slug }) => reserved(slug)),
  slugRule('has already been taken', 'TAKEN', slugTaken),
  slugRule(tooLong(255), 'TOO_LONG', ({ slug }) => longer(slug, 255)),
  slugRule('cannot resemble a UUID', 'NOT_ALLOWED', ({ slug }) => /^[0-9a-f]{32}$/i.test(slug.replaceAll('-', ''))),
  ['name', tooLong(255), 'TOO_LONG', ({ name }) => longer(name, 255)],
];

export const accountRules = rules<AccountDraft>(accountRecords, attributeRules);

/** What is signed up: an account with its admins, and where there are plans, on one. */
export interface SignUpDraft extends AccountDraft {
  admins: readonly UserRecord[];
  planId: string | null;
}

async function planUnknown({ planId }: SignUpDraft, { db }: Facts): Promise<boolean> {
  if (planId === null) return false;
  const found = await db.select({ id: plans.id }).from(plans).where(eq(plans.id, planId));
  return found.length === 0;
}

/** spec/accounts.md 4.4 */
export const signUpRules = rules<SignUpDraft>(accountRecords, [
  ['~users', 'must have at least one admin user', 'TOO_SHORT', ({ admins }) => admins.length === 0],
  ['~plan', "can't be blank", 'NOT_FOUND', planUnknown],
  ({ admins }, facts) => adminFailures(admins, facts, { indexed: true }),
  ...attributeRules,
]);
