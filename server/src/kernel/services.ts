/** What requests and jobs may use. app.ts makes one of these for a server. */
import type { Logger } from 'pino';
import type { Clock } from './clock.ts';
import type { KernelConfig } from './config.ts';
import type { SigningKeys } from './crypto/account-keys.ts';
import type { Keyring } from './crypto/sealing.ts';
import type { Database, Db, Tx } from './database/database.ts';
import type { LateWrite } from './database/late-write.ts';
import type { Cause } from './events/cause.ts';
import type { Change, EmitOptions, Payload } from './events/change.ts';
import type { Enqueueable, EnqueueOptions, JobHealth } from './jobs/entry.ts';
import type { Caller } from './outgoing/caller.ts';
import type { Storage } from './storage/store.ts';
import type { Versions } from './versions/registry.ts';

/** Of an account's subscription (spec/accounts.md 8.3). */
export type SubscriptionState = 'pending' | 'trialing' | 'subscribed' | 'paused' | 'canceling' | 'canceled';

/** The account that a request is for, as the kernel needs to know it. */
export interface CurrentAccount {
  id: string;
  slug: string;
  apiVersion: string | null;
  protected: boolean;
  createdAt: Date;
  /** The kind of store that it prefers for new artifacts; null: the installation's. */
  backend: string | null;
  /** What it is on, if anything: limits of null are none. */
  plan: Record<'price' | 'maxLicenses' | 'maxUsers' | 'maxReqs' | 'requestLogRetentionDuration', number | null> | null;
  billing: { state: SubscriptionState; hasCard: boolean } | null;
  secretKey: string;
  keys: SigningKeys;
}

export interface Services {
  database: Database;
  clock: Clock;
  config: KernelConfig;
  logger: Logger;
  versions: Versions;
  /** Whether jobs are worked on, and what waits. */
  jobHealth(): Promise<JobHealth>;
  /** Seals secrets at rest. */
  ring: Keyring;
  /** Told of by whoever changes accounts: once the transaction commits, every process forgets those it has looked up. */
  accountsChanged(db: Db): Promise<void>;
  /** An account with its keys, by id or slug. */
  account(name: string): Promise<CurrentAccount | undefined>;
  /** Runs a change and its events in one transaction: its own, or the one that it is given. */
  change<T>(cause: Cause, run: (change: Change) => Promise<T>, outer?: Tx): Promise<T>;
  /** Emits an event that belongs to no change (validations): written in a batch, off the request's path; a crash loses the last tenths of a second of them. */
  emitLater<Row extends { id: string; environmentId?: string | null }>(cause: Cause, event: string, payload: Payload<Row>, options?: EmitOptions): void;
  /** Writes something off the request's path, in a batch with others of its kind; a crash loses the last of them. */
  writeLater<T>(write: LateWrite<T>, item: T): void;
  /** Starts a job within the transaction; in a change, `change.enqueue` does it. */
  enqueue<P>(db: Db, job: Enqueueable<P>, payload: P, options?: EnqueueOptions): Promise<void>;
  /** The same for any number of entries of a job, with one statement. */
  enqueueMany<P>(db: Db, job: Enqueueable<P>, payloads: readonly P[], options?: Pick<EnqueueOptions, 'runAt'>): Promise<void>;
  /** Calls the servers that customers name. */
  outgoing: Caller;
  /** Where artifacts are kept. */
  storage: Storage;
}

function oncePer<K extends object, T>(make: (of: K) => T): (of: K) => T {
  const made = new WeakMap<K, T>();
  return (of) => {
    const known = made.get(of);
    if (known !== undefined) return known;
    const fresh = make(of);
    made.set(of, fresh);
    return fresh;
  };
}

/** Makes something once for each server and hands it out ever after, such as memories. */
export const oncePerServer = <T>(make: (services: Services) => T): ((services: Services) => T) => oncePer(make);

/** The same for whatever queries run on, for prepared statements: those of a request within a transaction (`Context.db`) are made in it. */
export const oncePerDb = <T>(make: (db: Db) => T): ((db: Db) => T) => oncePer(make);
