import { anything, body, string } from '../kernel/http/params.ts';

export const createSetting = body('settings', { attributes: { key: string.required(), value: anything.required() } });
export const updateSetting = body('settings', { id: 'ignored', attributes: { value: anything.required() } });
