import { type Row, records } from '../kernel/database/records.ts';
import { settings } from './setting.table.ts';

/** Found by id or by key. */
export const settingRecords = records(settings, { type: 'settings', noun: 'account setting', topic: 'account-settings', aliases: [settings.key] });
export type SettingRecord = Row<typeof settingRecords>;
