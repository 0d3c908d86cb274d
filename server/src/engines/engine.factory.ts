import { dimensionFactory } from '../dimensions/dimension.factory.ts';
import { engineKeys } from './engine.keys.ts';
import { engines } from './engine.table.ts';

export const engineFactory = dimensionFactory('release_engine', engines, engineKeys);
