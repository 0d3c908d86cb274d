import type { BatchOptions } from './batch.ts';
import type { Database } from './connection.ts';

/** A kind of write that may come late, and is lost with the process: a constant that one imports, and hands to `services.writeLater` with what is to be written. */
export type LateWrite<T> = Pick<BatchOptions<T>, 'name' | 'size' | 'everyMilliseconds'> & {
  /** Writes a batch, in one statement if it can. A rejection means that none of it is written: it is tried again some times. */
  write(items: readonly T[], database: Database): Promise<void>;
};

/** Makes a late write; batches go every 250 ms. */
export const lateWrite = <T>(options: LateWrite<T>): LateWrite<T> => ({ everyMilliseconds: 250, ...options });
