import { dimensionTable } from '../dimensions/dimension.table.ts';

/** spec/distribution.md 12 */
export const channels = dimensionTable('channels');
export type Channel = typeof channels.$inferSelect;
