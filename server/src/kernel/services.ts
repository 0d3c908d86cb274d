/** What requests and jobs may use. app.ts makes one of these for a server. */
import type { Logger } from 'pino';
import type { Clock } from './clock.ts';
import type { KernelConfig } from './config.ts';
import type { SigningKeys } from './crypto/account-keys.ts';
import type { Database } from './database/database.ts';
import type { Cause } from './events/cause.ts';
import type { Change, EmitOptions, Payload } from './events/change.ts';
import type { Versions } from './versions/registry.ts';

/** The account that a request is for, as the kernel needs to know it. */
export interface CurrentAccount {
  id: string;
  slug: string;
  apiVersion: string | null;
  protected: boolean;
  createdAt: Date;
  secretKey: string;
  keys: SigningKeys;
}

export interface Services {
  database: Database;
  clock: Clock;
  config: KernelConfig;
  logger: Logger;
  versions: Versions;
  /** An account with its keys, by id or slug. */
  account(name: string): Promise<CurrentAccount | undefined>;
  /** Runs a change and its events in one transaction. */
  change<T>(cause: Cause, run: (change: Change) => Promise<T>): Promise<T>;
  /** Emits an event that belongs to no change (validations): written in a batch, off the request's path; a crash loses the last tenths of a second of them. */
  emitLater<Row extends { id: string; environmentId?: string | null }>(cause: Cause, event: string, payload: Payload<Row>, options?: EmitOptions): void;
}
