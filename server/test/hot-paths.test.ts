/** The SQL of the hot paths and the shape of its plans, as the files in ../snapshots have them: a change of either is to be seen in review. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { NoopLogger } from '../src/kernel/database/drizzle.ts';
import { type Client, newWorld, type Wire, type World } from './kit.ts';

const folder = fileURLToPath(new URL('../snapshots/', import.meta.url));
const updates = process.env.LATCHKEY_UPDATE_SNAPSHOTS === '1';
/** Whose plans the snapshots have: the oldest PostgreSQL that works. */
const oldest = 15;
const howToAccept =
  'if this is meant, run this file with LATCHKEY_UPDATE_SNAPSHOTS=1, and with DATABASE_URL for the plans too, and commit what changed in server/snapshots';
const rows = 3000;

interface Statement {
  text: string;
  params: unknown[];
}
/** What a request may use. */
interface Scene {
  admin: Client;
  byToken: Client;
  byKey: Client;
  license: Wire;
  machine: Wire;
}

let world: World;
let scene: Scene;
let plansCount: boolean;

const tables = 'environments products policies users licenses machines tokens releases artifacts constraints license_entitlements policy_entitlements'.split(
  ' ',
);

/** Makes a table as large as it is somewhere: copies of a row. */
async function multiply(table: string, { id }: Wire, own: Record<string, string>, more = ''): Promise<void> {
  const columns = await world.server.sql(`select column_name as name from information_schema.columns where table_name = $1 and table_schema = 'public'`, [
    table,
  ]);
  const names = columns.map(({ name }) => String(name));
  const values = names.map((name) => own[name] ?? `original.${name}`).join(', ');
  const from = `${table} original, generate_series(1, ${rows}) n ${more}`;
  await world.server.sql(`insert into ${table} (${names.join(', ')}) select ${values} from ${from} where original.id = $1`, [id]);
}

beforeAll(async () => {
  world = await newWorld();
  const [version] = await world.server.sql(`select current_setting('server_version_num')::int / 10000 as major`);
  plansCount = process.env.DATABASE_URL !== undefined && version!.major === oldest;
  await world.server.sql(planner);
  const admin = await world.as('admin');
  const policy = await world.create('policy', {
    authentication_strategy: 'MIXED',
    floating: true,
    max_machines: null,
    require_fingerprint_scope: true,
    heartbeat_basis: 'FROM_CREATION',
  });
  const license = await world.create('license', { policy_id: policy.id });
  const machine = await world.create('machine', { license_id: license.id, fingerprint: 'f' });
  const token = await world.create('token', { bearer_type: 'license', bearer_id: license.id });
  const user = await world.create('user');
  const environment = await world.create('environment', { code: 'E' });
  const release = await world.create('release', { product_id: policy.product_id, version: '1.0.0', status: 'PUBLISHED' });
  const artifact = await world.create('release_artifact', { release_id: release.id, checksum: 'c', status: 'UPLOADED' });
  const inherited = await world.create('policy_entitlement', { policy_id: policy.id });
  const { entitlement_id } = inherited;
  const own = await world.create('license_entitlement', { license_id: license.id, entitlement_id });
  const constraint = await world.create('release_entitlement_constraint', { release_id: release.id, entitlement_id });
  // ids that only grow, as ours do
  const id = `('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid`;
  const created_at = `original.created_at - n * interval '1 minute'`;
  const every = (step: number, table: string) => `join (select id, row_number() over (order by id) as i from ${table}) p on p.i = n / ${step} + 1`;
  await multiply('environments', environment, { id, created_at, code: `'E' || n` });
  await multiply('products', { id: policy.product_id }, { id, created_at });
  await multiply('policies', policy, { id, created_at, product_id: 'p.id' }, every(1, 'products'));
  await multiply('users', user, { id, created_at, email: `'u' || n || '@example.com'` });
  await multiply('licenses', license, { id, created_at, key: `'K' || n`, policy_id: 'p.id' }, every(10, 'policies'));
  await multiply(
    'machines',
    machine,
    { id, created_at, license_id: `case when n % 2 = 0 then original.license_id else p.id end`, fingerprint: `'f' || n` },
    every(30, 'licenses'),
  );
  await multiply('tokens', token, { id, created_at, bearer_id: 'p.id', digest: `md5(n::text)` }, every(10, 'licenses'));
  const product_id = `case when n % 2 = 0 then original.product_id else p.id end`;
  await multiply('releases', release, { id, created_at, product_id, version: `n || '.0.0'`, semver_major: 'n' }, every(1, 'products'));
  await multiply('artifacts', artifact, { id, created_at, product_id, release_id: id, checksum: `'c' || n` }, every(1, 'products'));
  await multiply('constraints', constraint, { id, created_at, release_id: id });
  await multiply('license_entitlements', own, { id, created_at, license_id: id });
  await multiply('policy_entitlements', inherited, { id, created_at, policy_id: id });
  // also compacts what other tests have left behind: plans depend on the sizes of tables
  if (plansCount) await world.server.sql(`vacuum (full, analyze) ${tables.join(', ')}`);
  const secret = String(token.secret);
  scene = { admin, license, machine, byKey: world.withKey(license), byToken: world.anonymous().with({ authorization: `Bearer ${secret}` }) };
});

afterAll(() => world.server.sql('drop function plan_of'));

/** The statements of a request, when it is not the first of its kind. */
async function statementsOf(send: () => Promise<unknown>): Promise<Statement[]> {
  await send();
  await world.server.jobs.run();
  // the account is known by now, and what is written later has been written
  const statements: Statement[] = [];
  const logged = vi
    .spyOn(NoopLogger.prototype, 'logQuery')
    .mockImplementation((...logged: unknown[]) => void statements.push({ text: String(logged[0]), params: logged[1] as unknown[] }));
  try {
    await send();
  } finally {
    logged.mockRestore();
  }
  return statements;
}

const isTokenAuthentication = ({ text }: Statement) => text.includes('"tokens"."digest" = ');
const validation = (meta: object) => ({ meta });
const paths: [name: string, send: (scene: Scene) => Promise<unknown>, which?: (statement: Statement) => boolean][] = [
  ['token authentication', ({ byToken }) => byToken.get('/me', 200), isTokenAuthentication],
  ['license-key authentication', ({ byKey }) => byKey.get('/me', 200), ({ text }) => text.includes('md5("licenses"."key")')],
  ['validate-key', ({ license }) => world.anonymous().post('/licenses/actions/validate-key', validation({ key: license.key }), 200)],
  [
    'validate-key with a fingerprint',
    ({ license }) => world.anonymous().post('/licenses/actions/validate-key', validation({ key: license.key, scope: { fingerprint: 'f' } }), 200),
  ],
  [
    'validate-key with a checksum and a version',
    ({ license }) =>
      world
        .anonymous()
        .post('/licenses/actions/validate-key', validation({ key: license.key, scope: { fingerprint: 'f', checksum: 'c', version: '1.0.0' } }), 200),
  ],
  ['validate by license', ({ byToken, license }) => byToken.post(`/licenses/${license.id}/actions/validate`, validation({ scope: { fingerprint: 'f' } }), 200)],
  ['machine ping', ({ byToken, machine }) => byToken.post(`/machines/${machine.id}/actions/ping`, undefined, 200)],
  ['licenses, first page', ({ admin }) => admin.get('/licenses?page[cursor]=&page[size]=10', 200)],
  ['licenses, next page', ({ admin, license }) => admin.get(`/licenses?page[cursor]=${license.id}&page[size]=10`, 200)],
  ['license', ({ admin, license }) => admin.get(`/licenses/${license.id}`, 200)],
  ['sweep of dead machines', () => world.server.jobs.cron('machines.sweep'), ({ text }) => /^\s*with due/.test(text)],
];

/** One clause a line, so that a change shows where it is. */
const readable = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .replace(/, (?=")/g, ',\n  ')
    .replace(/ (?<!(?:left|inner|cross) )(?=(?:from|(?:left |inner |cross )?join|where|order by|limit|returning|for update|set|union)\b)/g, '\n')
    .trim();

/** Left out of plans: what the text says already. */
const derived = /^\s*(?:Filter|Join Filter|One-Time Filter|Hash Cond|Merge Cond|Recheck Cond|Cache Key|Cache Mode|Group Key|Presorted Key): /;

/** Prepared statements soon run by a plan that is made without values: that is the one to look at. */
const planner = `create or replace function plan_of(statement text, parameters int) returns setof text language plpgsql
  set plan_cache_mode = force_generic_plan as $$ begin
    execute 'prepare hot as ' || statement;
    return query execute 'explain (costs off) execute hot' || case when parameters > 0 then '(null' || repeat(', null', parameters - 1) || ')' else '' end;
    deallocate hot;
  end $$`;

/** What a plan does in which order, and with which indexes. */
async function planOf({ text, params }: Statement): Promise<string> {
  const lines = (await world.server.sql('select plan_of($1, $2) as line', [text, params.length])).map(({ line }) => String(line));
  return lines.filter((line) => !derived.test(line)).join('\n');
}

function compare(file: string, actual: string): void {
  const path = `${folder}${file}`;
  if (updates) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, actual);
    return;
  }
  expect(actual, `${file}: ${howToAccept}`).toBe(readFileSync(path, 'utf8'));
}

test.each(paths)('%s', async (name, send, which = (statement) => !isTokenAuthentication(statement)) => {
  const statements = (await statementsOf(() => send(scene))).filter(which);
  expect(statements).not.toEqual([]);
  const file = name.replaceAll(/[ ,]+/g, '-');
  compare(`${file}.sql`, statements.map(({ text }) => `${readable(text)};\n`).join('\n'));
  if (!plansCount) return;
  const plans: string[] = [];
  for (const statement of statements) plans.push(await planOf(statement));
  compare(`${file}.plan.txt`, plans.map((plan) => `${plan}\n`).join('\n'));
});
