import { factory } from '../testkit/factory.ts';
import { settings } from './setting.table.ts';

export const settingFactory = factory({ type: 'setting', table: settings, defaults: ({ sequence }) => ({ key: `setting_${sequence}`, value: null }) });
