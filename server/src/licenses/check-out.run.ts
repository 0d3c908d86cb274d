import { authorize } from '../kernel/access/access.ts';
import type { Context } from '../kernel/http/context.ts';
import type { Route } from '../kernel/http/route.ts';
import type { DocumentFacts } from '../kernel/http/route-facts.ts';
import type { Job } from '../kernel/jobs/job.ts';
import type { ResourceObject } from '../kernel/jsonapi/document.ts';
import { lookup } from '../kernel/jsonapi/lookup.ts';
import { type Resource, resource } from '../kernel/jsonapi/resource.ts';
import { validate } from '../kernel/jsonapi/rules.ts';
import { checkOutBody, checkOutParameters, checkOutQuery, type File, makeFile, orderOf } from './check-out.ts';

interface CheckOutRow {
  id: string;
  accountId: string;
  environmentId: string | null;
  createdAt: Date;
  updatedAt: Date;
  lastCheckOutAt: Date | null;
}

/** A resource that can be checked out as a file. */
export interface CheckOut<Row extends CheckOutRow> extends File<Row> {
  resource: Resource<Row, 'show' | 'check-out'>;
  aliases: Readonly<Record<string, string>>;
  /** Of the license's policy; decides how files are signed that nobody says it of. */
  scheme(row: Row): string | null;
  checkedOut: Job<{ accountId: string; id: string; at: string }>;
}

/** The order of checks is that of spec/validation.md 1.2. The file shows the record as it was before. */
async function checkOut<Row extends CheckOutRow>(of: CheckOut<Row>, context: Context): Promise<{ row: Row; file: ResourceObject }> {
  const { records, document, access, rules } = of.resource;
  const row = await lookup(context, of.resource, context.params.id!);
  context.requestResource = { type: records.type, id: row.id };
  const parameters = checkOutParameters(context);
  await authorize(context, access.may['check-out'], { record: row });
  const order = orderOf(parameters, of, of.scheme(row));
  const { show } = access.may;
  const needed = order.includes.map((name) => of.includes[name]!.permission);
  await authorize(context, { ...show, permission: [show.permission, needed].flat(2) }, { record: row });
  if (rules) await validate(rules, row, { db: context.db, now: context.now, changed: new Set(['lastCheckOutAt']) });
  const file = await makeFile(context, of, row, order);
  await context.change(async (change) => {
    const next = { ...row, lastCheckOutAt: context.now, updatedAt: context.now };
    await change.enqueue(of.checkedOut, { accountId: row.accountId, id: row.id, at: context.now.toISOString() });
    await change.emit(`${of.kind}.checked-out`, { document, access, row: next });
  });
  return { row, file };
}

/** What the documentation knows of files, which no table has. */
const fileFacts = (kind: string): DocumentFacts => ({
  type: `${kind}-files`,
  attributes: ['certificate', 'algorithm', 'includes', 'ttl', 'expiry', 'issued'],
  relationships: ['account', 'environment', 'license', ...(kind === 'license' ? [] : [kind])],
  columns: {},
  records: { noun: `${kind} file`, topic: `${kind}-files` },
});

/** `POST` answers the file as a resource, `GET` as a download. */
export function checkOutRoutes<Row extends CheckOutRow>(of: CheckOut<Row>): Route[] {
  const path = '/:id/actions/check-out';
  return resource(of.resource, (on) => {
    on.route('actions.check-out', 'POST', path, {
      summary: `Check a ${of.kind} out as a file`,
      answers: `${of.kind}-files`,
      document: fileFacts(of.kind),
      body: checkOutBody,
      query: checkOutQuery,
      run: async (context) => ({ status: 200, document: { data: (await checkOut(of, context)).file } }),
    });
    on.route('actions.check-out-file', 'GET', path, {
      summary: `Download a ${of.kind} file`,
      query: checkOutQuery,
      run: async (context) => {
        const { row, file } = await checkOut(of, context);
        const headers = { 'Content-Disposition': `attachment; filename="${row.id}.lic"` };
        return { status: 200, raw: { body: String(file.attributes.certificate), type: 'application/octet-stream' }, headers };
      },
    });
  });
}
