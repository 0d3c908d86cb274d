/** Which environments records may belong to (spec/environments.md 6.3, 7). */
import { and, eq, sql } from '../database/drizzle.ts';
import { type Facts, type OpenRule, touches } from './rules.ts';

interface Scoped {
  accountId: string;
  environmentId: string | null;
}

/** What a record belongs to, as far as its environment is concerned; `role` is a user's. */
interface Associated {
  environmentId?: string | null;
  role?: string | null;
}

/** A relation's name and how it is found; null: none, or unknown, which another rule reports. */
export type Association<Row> = readonly [name: string, of: (row: Row, facts: Facts) => Associated | null | undefined | Promise<Associated | null | undefined>];

async function strategyOf(row: Scoped, facts: Facts): Promise<string | undefined> {
  const own = and(eq(sql`account_id`, row.accountId), eq(sql`id`, row.environmentId));
  const [found] = await facts.db.select({ isolationStrategy: sql<string>`isolation_strategy` }).from(sql`environments`).where(own);
  return found?.isolationStrategy;
}

/** A global record can be used in shared environments; a global admin acts in isolated ones too. */
async function fits(row: Scoped, { environmentId = null, role }: Associated, facts: Facts): Promise<boolean> {
  if (environmentId === row.environmentId) return true;
  if (environmentId !== null || row.environmentId === null) return false;
  return role === 'admin' || (await strategyOf(row, facts)) === 'SHARED';
}

/**
 * A record's environment must be compatible with what it belongs to: `compatibleWith([['policy', (license) => license.policy], ['owner', (license) => license.owner]])`.
 * Reports the first that is not. Looked at on create, and on update where the relation's column (`<name>Id`) changes.
 */
export const compatibleWith =
  <Row extends Scoped>(associations: readonly Association<Row>[]): OpenRule<Row> =>
  async (row, facts) => {
    for (const [name, of] of associations) {
      if (!touches(facts, `${name}Id`)) continue;
      const associated = await of(row, facts);
      if (associated && !(await fits(row, associated, facts)))
        return { subject: '~environment', kind: 'NOT_ALLOWED', detail: `must be compatible with ${name} environment` };
    }
    return undefined;
  };

/** For creates whose environment check is lax; elsewhere an unknown environment has been refused already. */
export const environmentExists: OpenRule<Scoped> = async (row, facts) =>
  row.environmentId === null || !touches(facts, 'environmentId') || (await strategyOf(row, facts)) !== undefined
    ? undefined
    : { subject: '~environment', kind: 'NOT_FOUND', detail: 'must exist' };
