import { dimensionTable } from '../dimensions/dimension.table.ts';

/** spec/distribution.md 12 */
export const platforms = dimensionTable('platforms');
export type Platform = typeof platforms.$inferSelect;
