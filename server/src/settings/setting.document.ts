import { document } from '../kernel/jsonapi/document.ts';
import { type SettingRecord, settingRecords } from './setting.records.ts';

/** spec/accounts.md 6.1 */
export const settingDocument = document<SettingRecord>(settingRecords, { attributes: { key: 'key', value: 'value' } });
