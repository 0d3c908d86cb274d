/** spec/distribution.md 3.1 */
export const channelKeys = ['stable', 'rc', 'beta', 'alpha', 'dev'] as const;
