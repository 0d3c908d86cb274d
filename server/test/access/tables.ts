/** All rows of the access matrix, by resource. */
import * as accountRows from './account-rows.ts';
import * as artifactRows from './artifact-rows.ts';
import * as licenseRows from './license-rows.ts';
import * as licensingRows from './licensing-rows.ts';
import * as machineRows from './machine-rows.ts';
import * as packageRows from './package-rows.ts';
import * as releaseRows from './release-rows.ts';
import type { Row } from './rows.ts';

type Tables = Record<string, Row[]>;
export const accounts: Tables = { ...accountRows };
export const licensing: Tables = { ...licensingRows, ...releaseRows, ...packageRows, ...artifactRows, ...licenseRows, ...machineRows };
export const everyRow: Row[] = Object.values({ ...accounts, ...licensing }).flat();
