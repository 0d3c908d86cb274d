/** The lookup of lookup.ts as prepared statements, for hot paths. */
import { type Access, type Asker, type Bearer, inEnvironment, sightOf, where } from '../access/access.ts';
import { and, eq, or, type SQL } from '../database/drizzle.ts';
import { type GivenValues, given } from '../database/gather.ts';
import type { Records } from '../database/records.ts';
import type { Context } from '../http/context.ts';
import { apiError, notFound } from '../http/errors.ts';
import { parseUuid } from '../id.ts';

type Statement<Row> = (values: GivenValues) => Promise<Row | undefined>;

/** What a sight may read of a bearer; each becomes a parameter of the statement. */
const relations = ['id', 'environmentId', 'email', 'groupId', 'productId', 'policyId', 'ownerId'] as const;
const typeOf = (relation: (typeof relations)[number]): string => (relation === 'email' ? 'text' : 'uuid');

/** The same asker with parameters in place of values, so that the visible set is written once (access.ts) and prepared once for each kind of asker. */
function nameless(asker: Asker): Asker {
  const { bearer, environment } = asker;
  const named = bearer && Object.fromEntries(relations.map((name) => [name, bearer[name] === null ? null : given(name, typeOf(name))]));
  return {
    ...asker,
    accountId: given('account'),
    environment: environment && { ...environment, id: given('environment') },
    bearer: bearer && ({ ...bearer, ...named } as Bearer),
  };
}

const valuesOf = ({ accountId, bearer, environment }: Asker): GivenValues => ({
  account: accountId,
  environment: environment?.id ?? null,
  ...(bearer && Object.fromEntries(relations.map((name) => [name, bearer[name]]))),
});

/** Kinds of askers between whom the statement's text may differ. */
const kindOf = ({ bearer, environment }: Asker): string =>
  [environment?.isolationStrategy, bearer?.kind, bearer?.role, ...relations.map((name) => (bearer?.[name] ? name : ''))].join();

export class PreparedLookup<Row extends { id: string }> {
  readonly #of: { records: Records<Row>; access: Access<Row, string> };
  readonly #statements = new Map<string, Statement<Row>>();

  constructor(of: { records: Records<Row>; access: Access<Row, string> }) {
    this.#of = of;
  }

  /** As `lookup` without options. @throws {ApiError} 404 when there is no such record in the bearer's set; 400 for a null byte */
  async find(context: Context, identifier: string): Promise<Row> {
    if (identifier.includes('\0')) throw apiError('NULL_BYTE');
    const id = parseUuid(identifier);
    const key = `${id === undefined ? 'alias' : 'id'} ${kindOf(context)}`;
    let statement = this.#statements.get(key);
    if (!statement) {
      statement = this.#prepare(context, id !== undefined);
      this.#statements.set(key, statement);
    }
    const row = await statement({ ...valuesOf(context), identifier, wanted: id });
    if (!row) throw notFound(this.#of.records.noun, identifier);
    return row;
  }

  #prepare(context: Context, isId: boolean): Statement<Row> {
    const { records, access } = this.#of;
    const { table, type } = records;
    const asker = nameless({
      accountId: context.accountId,
      environment: context.environment,
      bearer: context.bearer,
      token: null,
      db: context.db,
      now: context.now,
    });
    const text = given('identifier', 'text');
    const called: SQL[] = records.aliases.map((alias) => (typeof alias === 'function' ? alias(text) : eq(alias, text)));
    if (isId) called.push(eq(table.id, given('wanted')));
    const first = and(eq(table.accountId, asker.accountId), or(...called));
    const seen = where(table.environmentId && inEnvironment(table.environmentId, asker.environment), sightOf(access.visible, asker));
    return records.prepare(context.db, `lookup_${type}_${this.#statements.size}`, seen, first);
  }
}
