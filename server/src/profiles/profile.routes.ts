/** Who the requester is: `GET /me` and `GET /profile` (spec/users.md 4). */
import { environmentAccess } from '../environments/environment.access.ts';
import { environmentDocument } from '../environments/environment.document.ts';
import { environmentRecords } from '../environments/environment.records.ts';
import { authorize, type Line, requirePermissions } from '../kernel/access/access.ts';
import type { Permission } from '../kernel/access/permissions.ts';
import type { BearerKind } from '../kernel/access/roles.ts';
import { and, eq } from '../kernel/database/drizzle.ts';
import type { Records } from '../kernel/database/records.ts';
import type { Context } from '../kernel/http/context.ts';
import { apiError } from '../kernel/http/errors.ts';
import type { Route } from '../kernel/http/route.ts';
import type { Document, DocumentOf, ResourceObject } from '../kernel/jsonapi/document.ts';
import type { BaseRow } from '../kernel/jsonapi/resource.ts';
import { licenseAccess } from '../licenses/license.access.ts';
import { licenseDocument } from '../licenses/license.document.ts';
import { licenseRecords } from '../licenses/license.records.ts';
import { productAccess } from '../products/product.access.ts';
import { productDocument } from '../products/product.document.ts';
import { productRecords } from '../products/product.records.ts';
import { tokenDocument } from '../tokens/token.document.ts';
import { tokenRecords } from '../tokens/token.records.ts';
import { userAccess } from '../users/user.access.ts';
import { userDocument } from '../users/user.document.ts';
import { userRecords } from '../users/user.records.ts';

interface Profile {
  permission: Permission;
  document(context: Context, judge?: boolean): Promise<ResourceObject>;
}

const view = ({ now }: Context) => ({ now, context: 'response' as const });

async function byId<Row>({ db, accountId }: Context, records: Records<Row>, id: string): Promise<Row> {
  const { table } = records;
  const [row] = await records.find(db, and(eq(table.accountId, accountId), eq(table.id, id)));
  if (!row) throw apiError('TOKEN_INVALID');
  return row;
}

const profile = <Row extends BaseRow>(permission: Permission, records: Records<Row>, document: DocumentOf<Row>, line: Line<Row>): Profile => ({
  permission,
  async document(context, judge = false) {
    const record = await byId(context, records, context.bearer!.id);
    if (judge) await authorize(context, line, { record, unscoped: !records.scoped });
    return document.render(record, view(context));
  },
});

const profiles: Record<BearerKind, Profile> = {
  user: profile('user.read', userRecords, userDocument, userAccess.may.show),
  product: profile('product.read', productRecords, productDocument, productAccess.may.show),
  license: profile('license.read', licenseRecords, licenseDocument, licenseAccess.may.show),
  environment: profile('environment.read', environmentRecords, environmentDocument, environmentAccess.may.show),
};

/** What a profile answers follows versions by type alone, whichever the route (spec/http.md 13.3, spec/users.md 4). */
function inVersion({ services, version }: Context, document: Document): Document {
  services.versions.data(document, version);
  return document;
}

/** Asks nothing but the permission. */
async function me(context: Context): Promise<Document> {
  const own = profiles[context.bearer!.kind];
  requirePermissions(context, [own.permission]);
  const document: Document = { data: await own.document(context) };
  if (context.token) document.included = [tokenDocument.render(await byId(context, tokenRecords, context.token.id), view(context))];
  return inVersion(context, document);
}

const facts = { methods: ['GET'], base: 'account', media: 'A', auth: 'required', gated: false, logged: true, status: 200 } as const;

export default [
  { ...facts, name: 'me', path: '/me', summary: 'Show the requester and its token', run: async (context) => ({ status: 200, document: await me(context) }) },
  {
    ...facts,
    name: 'profile',
    path: '/profile',
    summary: 'Show the requester',
    async run(context) {
      const data = await profiles[context.bearer!.kind].document(context, true);
      return { status: 200, document: inVersion(context, { data, meta: { tokenId: context.token?.id ?? null } }) };
    },
  },
] satisfies Route[];
