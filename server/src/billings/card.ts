import type { Billing } from './billing.table.ts';

/** Whether a card is on file (spec/accounts.md 8.1). */
export const hasCard = ({ cardExpiry, cardBrand, cardLast4 }: Pick<Billing, 'cardExpiry' | 'cardBrand' | 'cardLast4'>): boolean =>
  cardExpiry !== null && cardBrand !== null && cardLast4 !== null;
