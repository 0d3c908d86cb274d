/** Which account a request is for (spec/http.md 1.2, spec/accounts.md 2). */
import { type Billing, billings } from '../billings/billing.table.ts';
import { hasCard } from '../billings/card.ts';
import type { Config } from '../config.ts';
import type { Keyring } from '../kernel/crypto/sealing.ts';
import { afterCommit, type Database, type Db } from '../kernel/database/database.ts';
import { asc, eq, or, type SQL, sql } from '../kernel/database/drizzle.ts';
import type { Context } from '../kernel/http/context.ts';
import { apiError, notFound } from '../kernel/http/errors.ts';
import { parseUuid } from '../kernel/id.ts';
import type { CurrentAccount } from '../kernel/services.ts';
import { type Plan, plans } from '../plans/plan.table.ts';
import { openKeys } from './account.secrets.ts';
import { type Account, accounts } from './account.table.ts';

/** Told of by whoever changes an account, its plan or its billing: every process forgets what it had looked up. */
export const accountsChanged = 'accounts_changed';

/** Changes made behind the server's back, by the operator in SQL, are seen after this time. */
const lifeMs = 30_000;
const capacity = 10_000;

interface Found {
  accounts: Account;
  plans: Plan | null;
  billings: Billing | null;
}

interface Entry {
  account: CurrentAccount | undefined;
  until: number;
}

/** Accounts that were looked up, with their keys parsed. Emptied whenever an account changes anywhere in the installation. */
export class CurrentAccounts {
  readonly #database: Database;
  readonly #ring: Keyring;
  readonly #config: Config;
  readonly #found = new Map<string, Entry>();
  /** How often everything was forgotten: what was read before must not be remembered after. */
  #age = 0;
  /** Singleplayer: the account that is served; undefined: the oldest; null: none. */
  servedId: string | null | undefined;

  constructor(options: { database: Database; ring: Keyring; config: Config }) {
    this.#database = options.database;
    this.#ring = options.ring;
    this.#config = options.config;
    this.servedId = options.config.accountId ?? undefined;
  }

  /** Forgets everything. */
  forget(): void {
    this.#age++;
    this.#found.clear();
  }

  /** Makes every process forget, once the transaction commits. */
  async changed(db: Db): Promise<void> {
    await this.#database.notify(db, accountsChanged, '');
    afterCommit(db, () => this.forget());
  }

  listen(): Promise<() => Promise<void>> {
    return this.#database.listen(accountsChanged, () => this.forget());
  }

  /** @param where is built only for what is not known */
  async #find(key: string, where: () => SQL): Promise<CurrentAccount | undefined> {
    const now = performance.now();
    const known = this.#found.get(key);
    if (known && known.until > now) return known.account;
    const age = this.#age;
    const [row] = await this.#database.drizzle
      .select()
      .from(accounts)
      .leftJoin(plans, eq(plans.id, accounts.planId))
      .leftJoin(billings, eq(billings.accountId, accounts.id))
      .where(where())
      .orderBy(asc(accounts.createdAt), asc(accounts.id))
      .limit(1);
    const account = row && this.#open(row);
    if (this.#found.size >= capacity) this.#found.clear();
    // An unknown name is not remembered: it would let anybody fill the memory, and hide a new account.
    if (account && age === this.#age) this.#found.set(key, { account, until: now + lifeMs });
    return account;
  }

  #open({ accounts: row, plans: plan, billings: billing }: Found): CurrentAccount {
    const { id, slug, apiVersion, createdAt, backend } = row;
    const standing = { plan, billing: billing && { state: billing.state, hasCard: hasCard(billing) } };
    return { id, slug, apiVersion, protected: row.protected, createdAt, backend, ...standing, ...openKeys(this.#ring, row) };
  }

  /** By id or slug. */
  byName(name: string): Promise<CurrentAccount | undefined> {
    const id = parseUuid(name);
    return this.#find(`name ${name}`, () => (id === undefined ? eq(accounts.slug, name) : or(eq(accounts.id, id), eq(accounts.slug, name))!));
  }

  /** By custom domain; the legacy `domain` of an older account takes nobody's cname away. */
  async #byHost(host: string): Promise<CurrentAccount | undefined> {
    return (await this.#find(`cname ${host}`, () => eq(accounts.cname, host))) ?? this.#find(`domain ${host}`, () => eq(accounts.domain, host));
  }

  /** Sets the request's account. @throws {ApiError} 404 */
  async resolve(context: Context): Promise<void> {
    const { mode, domain } = this.#config;
    const own = context.host.endsWith(domain);
    const account =
      mode === 'singleplayer' ? await this.#singleplayer(context) : ((own ? undefined : await this.#byHost(context.host)) ?? (await this.#named(context)));
    context.account = account;
  }

  #asked(context: Context): string | undefined {
    const { account_id: inQuery } = context.query;
    const inBody = context.body.account_id;
    return context.params.account ?? (typeof inQuery === 'string' && inQuery !== '' ? inQuery : typeof inBody === 'string' ? inBody : undefined);
  }

  async #named(context: Context, fallback?: string | null): Promise<CurrentAccount> {
    const asked = this.#asked(context) ?? fallback;
    if (asked === undefined || asked === null) throw apiError('NOT_FOUND', { detail: 'account is required' });
    if (asked.includes('\0')) throw apiError('NULL_BYTE');
    const account = await this.byName(asked);
    if (!account) throw notFound('account', asked);
    return account;
  }

  async #singleplayer(context: Context): Promise<CurrentAccount> {
    const served = this.servedId === undefined ? (await this.#find('oldest', () => sql`true`))?.id : this.servedId;
    const account = await this.#named(context, served);
    if (account.id === served) return account;
    throw apiError('NOT_FOUND', { detail: served ? `account is invalid (expected ${served})` : 'account is required' });
  }
}
