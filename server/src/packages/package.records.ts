import { engines } from '../engines/engine.table.ts';
import { left, type Row, records, sameAccount } from '../kernel/database/records.ts';
import { packages } from './package.table.ts';

/** A package comes with its engine. */
export const packageRecords = records(packages, {
  type: 'packages',
  noun: 'release package',
  topic: 'release-packages',
  aliases: [packages.key],
  joins: { engine: left(engines, sameAccount(packages, packages.engineId, engines)) },
});
export type PackageRecord = Row<typeof packageRecords>;
