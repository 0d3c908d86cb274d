/** Fills a database for the benchmark: an account, and licenses by the hundred thousand, each with a machine that has a heartbeat. */
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { adminRow, insertAccount, insertAdmin, insertAdminToken } from '../server/src/accounts/create-account.ts';
import { App } from '../server/src/app.ts';
import { readConfig } from '../server/src/config.ts';
import { defaultPermissions } from '../server/src/kernel/access/permissions.ts';
import { Clock } from '../server/src/kernel/clock.ts';
import { masterRing } from '../server/src/kernel/crypto/sealing.ts';
import { type Database, openDatabase } from '../server/src/kernel/database/database.ts';
import { migrate } from '../server/src/kernel/database/migrate.ts';

const migrations = fileURLToPath(new URL('../server/migrations', import.meta.url));

export interface Loaded {
  accountId: string;
  adminToken: string;
  licenses: number;
}

/** Ids and keys follow from the number of the row, so that the load generator knows them without asking. */
export const licenseId = (n: number): string => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
export const machineId = (n: number): string => `00000000-0000-4000-9000-${n.toString(16).padStart(12, '0')}`;
export const licenseKey = (n: number): string => `BENCH-${String(n).padStart(10, '0')}-V3`;
export const fingerprint = (n: number): string => `fingerprint-${n}`;

/** Seconds that machines live without a ping: longer than the benchmark takes. */
const week = 7 * 86_400;

const product = '00000000-0000-4000-a000-000000000001';
const policy = '00000000-0000-4000-a000-000000000002';

const rows = (accountId: string, from: number, to: number): string[] => [
  `insert into licenses (id, account_id, policy_id, product_id, key, permissions, created_at, updated_at, machines_count, last_check_in_at)
   select ('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, '${accountId}', '${policy}', '${product}', 'BENCH-' || lpad(n::text, 10, '0') || '-V3',
     '{${defaultPermissions.license.join(',')}}', timestamptz '2026-01-01' + n * interval '1 second', timestamptz '2026-01-01' + n * interval '1 second', 1, null
   from generate_series(${from}, ${to}) n`,
  `insert into machines (id, account_id, license_id, policy_id, fingerprint, created_at, updated_at, last_heartbeat_at, known_heartbeat_at)
   select ('00000000-0000-4000-9000-' || lpad(to_hex(n), 12, '0'))::uuid, '${accountId}', ('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, '${policy}',
     'fingerprint-' || n, timestamptz '2026-01-01' + n * interval '1 second', timestamptz '2026-01-01' + n * interval '1 second', now(), now()
   from generate_series(${from}, ${to}) n`,
];

async function fill(database: Database, accountId: string, from: number, to: number): Promise<void> {
  const step = 20_000;
  for (let first = from; first <= to; first += step)
    for (const statement of rows(accountId, first, Math.min(to, first + step - 1))) await database.rows(statement);
  await database.script('analyze licenses; analyze machines');
}

/** Prepares a database: everything but the licenses is made as the server makes it. */
export async function prepare(where: { url: string } | { dataDir: string }, secretKey: string, licenses: number): Promise<Loaded> {
  const clock = new Clock();
  const database = await openDatabase(where);
  try {
    const config = readConfig({ LATCHKEY_SECRET_KEY: secretKey, LOG_LEVEL: 'silent' });
    await migrate(database, migrations, clock.now());
    const app = new App({ config, database, clock, logger: pino({ level: 'silent' }) });
    await app.start({ workers: false });
    const now = clock.now();
    const ring = masterRing(config.masterKeys);
    const { id: accountId, keys } = await insertAccount(database.drizzle, ring, { name: 'Bench', slug: 'bench', apiVersion: '1.8', protected: false }, now);
    const admin = adminRow({ email: 'admin@example.com' }, { accountId, now });
    await insertAdmin(database.drizzle, admin, 'cheap');
    const adminToken = await insertAdminToken(database.drizzle, accountId, admin.id, keys.secretKey, now);
    const at = now.toISOString();
    await database.rows(
      `insert into products (id, account_id, name, permissions, created_at, updated_at) values ('${product}', '${accountId}', 'Bench', '{*}', '${at}', '${at}')`,
    );
    await database.rows(
      `insert into policies (id, account_id, product_id, name, floating, strict, max_machines, authentication_strategy, heartbeat_duration, created_at, updated_at)
       values ('${policy}', '${accountId}', '${product}', 'Bench', true, true, 1000000, 'MIXED', ${week}, '${at}', '${at}')`,
    );
    await fill(database, accountId, 1, licenses);
    await app.stop();
    return { accountId, adminToken, licenses };
  } finally {
    await database.close();
  }
}

/** Adds licenses to a prepared database. */
export async function grow(where: { url: string } | { dataDir: string }, loaded: Loaded, licenses: number): Promise<Loaded> {
  const database = await openDatabase(where);
  try {
    await fill(database, loaded.accountId, loaded.licenses + 1, licenses);
    return { ...loaded, licenses };
  } finally {
    await database.close();
  }
}
