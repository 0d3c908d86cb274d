import { dimensionFactory } from '../dimensions/dimension.factory.ts';
import { channelKeys } from './channel.keys.ts';
import { channels } from './channel.table.ts';

export const channelFactory = dimensionFactory('release_channel', channels, channelKeys);
