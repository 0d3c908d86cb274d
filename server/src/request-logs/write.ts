import { insertMany } from '../kernel/database/insert-many.ts';
import { salvaging } from '../kernel/database/salvage.ts';
import type { Services } from '../kernel/services.ts';
import type { NewRequestLog } from './record.ts';
import { requestLogs } from './request-log.table.ts';

/** Writes a batch of logs; one that cannot be stored takes no other with it. */
export function writeRequestLogs({ database, logger }: Services, rows: readonly NewRequestLog[]): Promise<void> {
  return salvaging(
    rows,
    (some) => insertMany(database.drizzle, requestLogs, some),
    ({ id }, error) => logger.error({ err: error, requestId: id }, 'a request could not be logged'),
  );
}
