import { environmentAccess } from '../environments/environment.access.ts';
import { environmentRecords } from '../environments/environment.records.ts';
import { type Access, authorize, type Line } from '../kernel/access/access.ts';
import type { BearerKind } from '../kernel/access/roles.ts';
import { and, eq, type SQL } from '../kernel/database/drizzle.ts';
import type { Records } from '../kernel/database/records.ts';
import { checkParams } from '../kernel/http/check-params.ts';
import type { Context } from '../kernel/http/context.ts';
import { apiError, denied, notFound } from '../kernel/http/errors.ts';
import { type Param, singularOf } from '../kernel/http/params.ts';
import type { Answer, Route } from '../kernel/http/route.ts';
import { type LookupOptions, lookup } from '../kernel/jsonapi/lookup.ts';
import { type BaseRow, idOf, resource } from '../kernel/jsonapi/resource.ts';
import { licenseAccess } from '../licenses/license.access.ts';
import { licenseRecords } from '../licenses/license.records.ts';
import { productAccess } from '../products/product.access.ts';
import { productRecords } from '../products/product.records.ts';
import { userAccess } from '../users/user.access.ts';
import { userRecords } from '../users/user.records.ts';
import { draftToken, saveToken } from './generate-token.ts';
import { regenerate, revoke } from './replace-token.ts';
import { tokenAccess as access, environmentTokens, licenseTokens, productTokens, userTokens } from './token.access.ts';
import { tokenDocument as document } from './token.document.ts';
import { tokenFilters } from './token.filters.ts';
import { tokenRecords as records, type TokenRecord } from './token.records.ts';
import { generateBelow, generateForEnvironment, generateForLicense, generateToken } from './token.schema.ts';
import { tokens } from './token.table.ts';

const show = (context: Context, token: TokenRecord) => ({ data: document.render(token, { now: context.now, context: 'response' }) });

function created(context: Context, token: TokenRecord): Answer {
  const location = `${context.services.config.baseUrl}/v1/accounts/${token.accountId}/tokens/${token.id}`;
  return { status: 201, document: show(context, token), headers: { location } };
}

/** `POST /tokens`: for the requester, or whom the body names. */
async function generate(context: Context): Promise<Answer> {
  const { attributes, relationships } = checkParams(generateToken, context.body, context.sender).data;
  const named = relationships.bearer?.data;
  // Linkages may be written in the singular too.
  const { kind, id } = named ? { kind: named.type.replace(/s$/, '') as BearerKind, id: named.id } : context.bearer!;
  const draft = await draftToken(context, { kind, id, ...attributes, environmentId: idOf(relationships.environment) });
  await authorize(context, access.may.generate, { record: draft });
  return created(context, await saveToken(context, draft));
}

/** `PUT /tokens`: the token that the request was made with. */
async function regenerateCurrent(context: Context): Promise<Answer> {
  if (!context.token) throw notFound('token');
  const [token] = await records.find(context.db, and(eq(tokens.accountId, context.accountId), eq(tokens.id, context.token.id)));
  if (!token) throw apiError('TOKEN_INVALID');
  await authorize(context, access.may.regenerate, { record: token });
  return { status: 200, document: show(context, await regenerate(token, context)) };
}

const own = resource({ records, document, access }, (on) => {
  on.list({
    can: 'list',
    filters: tokenFilters,
    query: { 'bearer[type]': 'Kind of bearer.', 'bearer[id]': 'Id of the bearer.', 'bearer[role]': "The bearer's role, or several (`bearer[role][]`)." },
  });
  on.show({ can: 'show', gated: false });
  on.route('create', 'POST', '', { summary: 'Generate a token', body: generateToken, answers: 'tokens', status: 201, gated: false, run: generate });
  on.route('regenerate-current', 'PUT', '', { summary: 'Regenerate the current token', answers: 'tokens', run: regenerateCurrent });
  on.below('regenerate', '', { can: 'regenerate', method: 'PUT', summary: 'Regenerate a token', run: regenerate });
  on.below('delete', '', { can: 'revoke', method: 'DELETE', summary: 'Revoke a token', status: 204, gated: false, run: revoke });
});

interface Parent<Row extends BaseRow> {
  records: Records<Row>;
  access: Access<Row>;
  may: { list: Line<Row>; show: Line<Row>; generate: Line<Row> };
  body: Param<unknown, boolean>;
  find?: LookupOptions;
  /** What narrows the parent's tokens further. */
  within?(parent: Row): SQL;
  /** The only environment that its tokens may have; left out: any, and the current one unless the body names another. */
  only?(parent: Row): string;
  status: 200 | 201;
}

/** `/:type/:id/tokens`: the tokens of a user, product, license or environment. */
function below<Row extends BaseRow>(parent: Parent<Row>): Route[] {
  const { may, find, within, status } = parent;
  const { type, noun, scoped } = parent.records;
  const kind = singularOf(type) as BearerKind;
  const of = { records: parent.records, document: document as never, access: { visible: parent.access.visible, may } };
  return resource<Row, keyof typeof may>(of, (on) => {
    const children = (row: Row) => and(eq(tokens.bearerType, kind), eq(tokens.bearerId, row.id), within?.(row));
    on.children('tokens', { can: 'list', canShow: 'show', ...(find && { find }), of: { records, document, access }, children });
    on.route('tokens.create', 'POST', '/:id/tokens', {
      summary: `Generate a token for a ${noun}`,
      body: parent.body,
      answers: 'tokens',
      status,
      async run(context) {
        const row = await lookup(context, { records: parent.records, access: parent.access }, context.params.id!, find);
        context.requestResource = { type, id: row.id };
        const { attributes, relationships } = (checkParams(parent.body, context.body, context.sender) as (typeof generateForLicense)['value']).data;
        const named = idOf(relationships.environment);
        const only = parent.only?.(row);
        const draft = await draftToken(context, { kind, id: row.id, ...attributes, environmentId: named !== undefined ? named : only });
        const parents = scoped ? [{ noun, environmentId: row.environmentId ?? null }] : [];
        await authorize(context, may.generate as unknown as Line<TokenRecord>, { record: draft, parents, judged: [row] });
        if (only !== undefined && draft.environmentId !== only) throw denied('record environment is not compatible with the current environment');
        const token = await saveToken(context, draft);
        return status === 201 ? created(context, token) : { status, document: show(context, token) };
      },
    });
  });
}

/** spec/auth.md 5.3, 5.4 */
export default [
  ...own,
  ...below({ records: userRecords, access: userAccess, may: userTokens, body: generateBelow, find: { lowerCase: true }, status: 200 }),
  ...below({ records: productRecords, access: productAccess, may: productTokens, body: generateBelow, status: 200 }),
  ...below({ records: licenseRecords, access: licenseAccess, may: licenseTokens, body: generateForLicense, status: 200 }),
  ...below({
    records: environmentRecords,
    access: environmentAccess,
    may: environmentTokens,
    body: generateForEnvironment,
    within: ({ id }) => eq(tokens.environmentId, id),
    only: ({ id }) => id,
    status: 201,
  }),
] satisfies Route[];
