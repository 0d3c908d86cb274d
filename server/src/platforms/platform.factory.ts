import { dimensionFactory } from '../dimensions/dimension.factory.ts';
import { platforms } from './platform.table.ts';

export const platformFactory = dimensionFactory('release_platform', platforms);
