import { sql } from '../kernel/database/drizzle.ts';
import type { HeartbeatKind } from '../machines/beat.ts';
import { monitors } from '../machines/monitor.ts';
import { processAccess } from './process.access.ts';
import { processDocument } from './process.document.ts';
import { type ProcessRecord, processRecords } from './process.records.ts';
import { processes } from './process.table.ts';

export const processHeartbeats: HeartbeatKind<ProcessRecord> = {
  noun: 'process',
  table: processes,
  records: processRecords,
  document: processDocument,
  access: processAccess,
  deaths: [{ among: sql`true`, since: processes.knownHeartbeatAt }],
  lock: async () => {},
  discount: async () => {},
};

export const [sweepProcesses, watchProcess] = monitors(processHeartbeats);
