import { dimensionFactory } from '../dimensions/dimension.factory.ts';
import { filetypes } from './filetype.table.ts';

export const filetypeFactory = dimensionFactory('release_filetype', filetypes);
