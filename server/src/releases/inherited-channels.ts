import { channelKeys } from '../channels/channel.keys.ts';

export type ChannelKey = (typeof channelKeys)[number];

/** Whose releases a channel has: its own and those of all that are more stable; a development channel is apart (spec/distribution.md 3.4). */
export const inheritedChannels = (key: ChannelKey): readonly ChannelKey[] => (key === 'dev' ? ['dev'] : channelKeys.slice(0, channelKeys.indexOf(key) + 1));
