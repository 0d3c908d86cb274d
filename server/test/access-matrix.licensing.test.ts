/** Who may do what with products, policies, licenses, machines and what belongs to them (spec/auth.md 10.7, 11). */
import { beforeAll, describe } from 'vitest';
import { type Stages, stagesOf, testRows } from './access/rows.ts';
import { licensing } from './access/tables.ts';
import { newWorld } from './kit.ts';

let stages: Stages;
beforeAll(async () => {
  stages = await stagesOf(await newWorld());
});

for (const [name, rows] of Object.entries(licensing)) describe(name, () => testRows(rows, () => stages));
