import { factory } from '../testkit/factory.ts';
import { billings, receipts } from './billing.table.ts';

export const billingFactory = factory({ type: 'billing', table: billings, defaults: ({ sequence }) => ({ customer_id: `cus_${sequence}` }) });

export const receiptFactory = factory({
  type: 'receipt',
  table: receipts,
  parents: { billing_id: 'billing' },
  defaults: ({ sequence }) => ({ invoice_id: `in_${sequence}`, amount: 0 }),
});
