import { authorize } from '../kernel/access/access.ts';
import { eq } from '../kernel/database/drizzle.ts';
import { checkParams } from '../kernel/http/check-params.ts';
import type { Context } from '../kernel/http/context.ts';
import { notFound } from '../kernel/http/errors.ts';
import type { Answer, Route } from '../kernel/http/route.ts';
import { lockRow, updateRow } from '../kernel/jsonapi/resource.ts';
import { validate } from '../kernel/jsonapi/rules.ts';
import { accountAccess as access } from './account.access.ts';
import { accountDocumentOf, accountDocument as document } from './account.document.ts';
import { type AccountRecord, accountRecords as records } from './account.records.ts';
import { accountRules } from './account.rules.ts';
import { createAccount, updateAccount } from './account.schema.ts';
import { accounts } from './account.table.ts';
import { signUp } from './sign-up.ts';

const answer = (context: Context, row: AccountRecord, status = 200): Answer => ({
  status,
  document: { data: accountDocumentOf(context.services.config).render(row, { now: context.now, context: 'response' }) },
});

/** The current account, once the bearer may do this with it. @throws {ApiError} 403 */
async function allowed(context: Context, action: 'show' | 'update' | 'delete'): Promise<AccountRecord> {
  const [row] = await records.find(context.db, eq(accounts.id, context.accountId));
  if (!row) throw notFound('account', context.accountId);
  context.requestResource = { type: 'accounts', id: row.id };
  await authorize(context, access.may[action], { record: row, unscoped: true });
  return row;
}

async function update(context: Context): Promise<Answer> {
  const found = await allowed(context, 'update');
  const { attributes } = checkParams(updateAccount, context.body, context.sender).data;
  const updated = await context.change(async (change) => {
    const row = (await lockRow(change, records, found)) ?? found;
    const next = { ...row, ...attributes, updatedAt: change.now };
    await validate(accountRules, next, { db: change.db, now: change.now, changed: new Set(Object.keys(attributes)) });
    await updateRow(change, records, row, { ...attributes, updatedAt: change.now });
    await change.emit('account.updated', { document: accountDocumentOf(context.services.config), access, row: next });
    await context.services.accountsChanged(change.db);
    return next;
  });
  return answer(context, updated);
}

/** The dashboard's own session belongs to another account than the new one (spec/accounts.md 4.2). */
function expiredSession({ headers, services: { config } }: Context): Record<string, string> {
  const signedIn = headers.origin === config.portalOrigin && /(?:^|;\s*)session_id=/.test(headers.cookie ?? '');
  if (!signedIn) return {};
  return { 'Set-Cookie': `session_id=; domain=${config.domain}; expires=Thu, 01 Jan 1970 00:00:00 GMT; secure; samesite=None; partitioned` };
}

async function create(context: Context): Promise<Answer> {
  const row = await signUp(context);
  const headers = { location: `${context.services.config.baseUrl}/v1/accounts/${row.id}`, ...expiredSession(context) };
  return { ...answer(context, row, 201), headers };
}

const itself = { base: 'itself', path: '', media: 'B', auth: 'required', gated: false, logged: false, answers: 'accounts', document } as const;

/** spec/accounts.md 4, 5 */
const routes: Route[] = [
  {
    ...itself,
    name: 'accounts.create',
    base: 'root',
    path: '/v1/accounts',
    methods: ['POST'],
    mode: 'multiplayer',
    auth: 'none',
    body: createAccount,
    status: 201,
    summary: 'Sign up',
    run: create,
  },
  {
    ...itself,
    name: 'accounts.show',
    methods: ['GET'],
    status: 200,
    summary: 'Show the account',
    run: async (context) => answer(context, await allowed(context, 'show')),
  },
  { ...itself, name: 'accounts.update', methods: ['PATCH', 'PUT'], body: updateAccount, status: 200, summary: 'Update the account', run: update },
  {
    ...itself,
    name: 'accounts.delete',
    methods: ['DELETE'],
    status: 204,
    summary: 'Refused: accounts are removed by the operator',
    run: async (context) => {
      await allowed(context, 'delete');
      return { status: 204 };
    },
  },
];
export default routes;
