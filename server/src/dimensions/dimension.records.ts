import { arches } from '../arches/arch.table.ts';
import { channels } from '../channels/channel.table.ts';
import { engines } from '../engines/engine.table.ts';
import { equalsHashed } from '../kernel/database/columns.ts';
import { getTableName } from '../kernel/database/drizzle.ts';
import { type Alias, type Row, records } from '../kernel/database/records.ts';
import { platforms } from '../platforms/platform.table.ts';
import type { DimensionTable } from './dimension.table.ts';

const dimensionRecords = (name: string, table: DimensionTable, aliases: readonly Alias[] = []) =>
  records(table, { type: getTableName(table), noun: `release ${name}`, aliases });

export const channelRecords = dimensionRecords('channel', channels);
export const platformRecords = dimensionRecords('platform', platforms);
export const archRecords = dimensionRecords('arch', arches);
export const engineRecords = dimensionRecords('engine', engines, [(key) => equalsHashed(engines.key, key)]);
export type DimensionRecord = Row<typeof channelRecords>;
