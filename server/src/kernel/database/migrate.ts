import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, execute, StartError, type Tx } from './database.ts';
import { sql } from './drizzle.ts';

const lockKey = 0x1a7c_4e1;

interface Migration {
  tag: string;
  statements: string[];
}

/** The migrations of a folder made by drizzle-kit, in the order of its journal. */
export function readMigrations(folder: string): Migration[] {
  const journal = join(folder, 'meta', '_journal.json');
  if (!existsSync(journal)) return [];
  const { entries } = JSON.parse(readFileSync(journal, 'utf8')) as { entries: { tag: string }[] };
  return entries.map(({ tag }) => ({ tag, statements: readFileSync(join(folder, `${tag}.sql`), 'utf8').split('--> statement-breakpoint') }));
}

async function appliedTags(tx: Tx): Promise<Set<string>> {
  await tx.execute(sql`create table if not exists migrations (tag text primary key, applied_at timestamptz not null)`);
  return new Set((await execute(tx, sql`select tag from migrations`)).map((row) => String(row.tag)));
}

function refuseNewer(applied: Set<string>, migrations: Migration[]): void {
  const known = new Set(migrations.map((migration) => migration.tag));
  const unknown = [...applied].filter((tag) => !known.has(tag));
  if (unknown.length === 0) return;
  throw new StartError(`the database is newer than this version of Latchkey (it has ${unknown.sort().at(-1)}): start the newer version, or restore a backup.`);
}

/**
 * Applies what the folder has and the database has not, each file once and in a transaction of its own, however many processes start at once.
 * Returns the names applied by this call. StartError when the database has a migration that the folder does not know.
 */
export async function migrate(database: Database, folder: string, now: Date): Promise<string[]> {
  const migrations = readMigrations(folder);
  const done: string[] = [];
  for (let more = true; more; ) {
    more = await database.transaction(async (tx) => {
      await tx.execute(sql`select pg_advisory_xact_lock(${sql.raw(String(lockKey))})`);
      const applied = await appliedTags(tx);
      refuseNewer(applied, migrations);
      const next = migrations.find((migration) => !applied.has(migration.tag));
      if (!next) return false;
      for (const statement of next.statements) if (statement.trim()) await tx.execute(sql.raw(statement));
      await tx.execute(sql`insert into migrations (tag, applied_at) values (${next.tag}, ${now.toISOString()})`);
      done.push(next.tag);
      return true;
    });
  }
  return done;
}
