/** Sign-up (spec/accounts.md 4). */
import { eq } from '../kernel/database/drizzle.ts';
import { checkParams } from '../kernel/http/check-params.ts';
import type { Context } from '../kernel/http/context.ts';
import { ApiError, type ErrorObject } from '../kernel/http/errors.ts';
import { parseUuid, uuid } from '../kernel/id.ts';
import { type Failure, failuresOf, validationError } from '../kernel/jsonapi/rules.ts';
import type { UserRecord } from '../users/user.records.ts';
import { type AccountRecord, accountRecords } from './account.records.ts';
import { signUpRules } from './account.rules.ts';
import { createAccount } from './account.schema.ts';
import { generateAccountKeys } from './account.secrets.ts';
import { accounts } from './account.table.ts';
import { insertAccount, insertAdmin } from './create-account.ts';
import { domainClass } from './email-domains.ts';
import { embeddedAdmins } from './embedded-admins.ts';
import { accountName, distinguished, type Given } from './sign-up-name.ts';

/** The account's users are called its admins where one of them is meant (spec/http.md 10.1). */
function wireError(failure: Failure): ErrorObject {
  const error = validationError(failure, signUpRules.noun, signUpRules.topic);
  const pointer = error.source!.pointer!;
  if (!pointer.startsWith('/data/relationships/users/')) return error;
  return { ...error, source: { pointer: pointer.replace('/users/', '/admins/') }, about: error.about!.replace(/users$/, 'admins') };
}

function refuse(failures: readonly Failure[]): void {
  if (failures.length > 0) throw new ApiError(422, failures.map(wireError));
}

const slugRefused = (detail: string) => refuse([{ subject: 'slug', kind: 'NOT_ALLOWED', detail }]);

/** @throws {ApiError} 422 when the founder's address gives no slug that can be had */
async function nameOf(context: Context, given: Given, founder: UserRecord): Promise<{ slug: string; name: string }> {
  const { emailDomains } = context.services.config;
  const { slug, name, shared } = accountName(given, founder.email, (domain) => domainClass(domain, emailDomains));
  if (parseUuid(slug) !== undefined) slugRefused('cannot resemble a UUID');
  const [other] = await context.db.select({ id: accounts.id }).from(accounts).where(eq(accounts.slug, slug)).limit(1);
  if (other && !shared) slugRefused('already exists for this domain (please use a different domain or use account recovery)');
  return { slug: other || slug === '' ? distinguished(slug) : slug, name };
}

/** @throws {ApiError} 400, 422; 409 when an address is there twice or another sign-up was faster */
export async function signUp(context: Context): Promise<AccountRecord> {
  const { data } = checkParams(createAccount, context.body, context.sender);
  const { protected: isProtected = false, ...given } = data.attributes;
  const { database, ring, config } = context.services;
  const { now, version } = context;
  const id = uuid();
  const admins = embeddedAdmins(data.relationships.admins, { accountId: id, now });
  const planId = config.cloud ? data.relationships.plan.data.id : null;
  const draft = { id, name: given.name ?? null, slug: given.slug ?? null, admins, planId };
  refuse(await failuresOf(signUpRules.rules, draft, { db: context.db, now, changed: 'created' }));
  const named = await nameOf(context, given, admins.at(-1)!);
  const keys = await generateAccountKeys();
  return database.transaction(async (tx) => {
    await insertAccount(tx, ring, { ...named, id, apiVersion: version, protected: isProtected, planId }, now, keys);
    for (const admin of admins) await insertAdmin(tx, admin, config.passwordCost);
    const [account] = await accountRecords.find(tx, eq(accounts.id, id));
    return account!;
  });
}
