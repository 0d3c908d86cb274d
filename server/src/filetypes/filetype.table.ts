import { dimensionTable } from '../dimensions/dimension.table.ts';

/** Known to filters only: no endpoint shows them (spec/distribution.md 12). */
export const filetypes = dimensionTable('filetypes');
export type Filetype = typeof filetypes.$inferSelect;
