import { dimensionFactory } from '../dimensions/dimension.factory.ts';
import { arches } from './arch.table.ts';

export const archFactory = dimensionFactory('release_arch', arches);
