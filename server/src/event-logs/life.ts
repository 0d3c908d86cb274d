import type { KernelConfig } from '../kernel/config.ts';

/** When a log goes that is of this instant (spec/events.md 6.4, 7.4). @param seconds how long the account's plan keeps it; null: as long as the server does */
export const goesAt = (created: Date, seconds: number | null, { logRetentionDays }: Pick<KernelConfig, 'logRetentionDays'>): Date =>
  new Date(created.getTime() + (seconds ?? logRetentionDays * 86_400) * 1000);
