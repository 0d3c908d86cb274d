/** How the test kit makes records of a kind; each resource with a wire type has one beside its table. */
import type { SigningKeys } from '../kernel/crypto/account-keys.ts';
import type { Keyring } from '../kernel/crypto/sealing.ts';
import type { Db } from '../kernel/database/database.ts';
import type { PgTable } from '../kernel/database/drizzle.ts';

/** Attributes under column names in snake case, as tests give them. */
export type Attributes = Record<string, unknown>;

export interface FactoryContext {
  db: Db;
  ring: Keyring;
  now: Date;
  /** A number that no other record of this run has: for names, codes and addresses. */
  sequence: number;
  /** Puts an object into the artifact store. */
  store(key: string, bytes: Buffer): void;
  account(id: string): Promise<{ keys: SigningKeys; secretKey: string } | undefined>;
  /** A stored row of another table in the same account, with columns in snake case. */
  find(type: string, where: Attributes): Promise<Attributes | undefined>;
  create(type: string, attributes: Attributes): Promise<Attributes>;
}

export interface Factory {
  /** Singular, in snake case: `webhook_endpoint`. */
  type: string;
  table: PgTable;
  /** Parents that are made when they are not given: column and type. A record whose environment is not given has that of the first one, as the API has it. */
  parents?: Record<string, string>;
  /** What a parent has that is made, by its column. */
  parentAttributes?: Record<string, Attributes>;
  /** Other names that attributes go by. */
  aliases?: Record<string, string>;
  /** Attributes in the form in which they are stored, where they may come in others: an e-mail address, a role. */
  canonical?(attributes: Attributes): Attributes;
  /** What a new record has unless it is given. */
  defaults?(context: FactoryContext, given: Attributes): Attributes | Promise<Attributes>;
  /** Turns given attributes into columns: digests, keys, copies of a parent's columns. `plain` is handed to the test besides the stored row. Runs for updates too. */
  prepare?(
    context: FactoryContext,
    attributes: Attributes,
    how: 'create' | 'update',
  ): { columns: Attributes; plain?: Attributes } | Promise<{ columns: Attributes; plain?: Attributes }>;
  /** Keeps consistent what hangs on the row, such as counters. */
  after?(context: FactoryContext, row: Attributes, before: Attributes | undefined): Promise<void>;
}

export const factory = (definition: Factory): Factory => definition;
