import { int64, metadataColumn, scopedColumns, scopedKeys } from '../kernel/database/columns.ts';
import { boolean, index, integer, pgTable, text, uuid } from '../kernel/database/drizzle.ts';

const flag = () => boolean().notNull().default(false);
/** Strategies can be null in imported data; whoever reads them treats null as the default of its kind. */
const strategy = (standard: string) => text().default(standard);

export const policies = pgTable(
  'policies',
  {
    ...scopedColumns(),
    productId: uuid().notNull(),
    name: text().notNull(),
    /** Seconds (spec/licensing.md 0.10). */
    duration: integer(),
    strict: flag(),
    floating: flag(),
    scheme: text(),
    encrypted: flag(),
    usePool: flag(),
    protected: flag(),
    maxMachines: integer(),
    maxProcesses: integer(),
    maxUsers: integer(),
    maxCores: integer(),
    maxMemory: int64(),
    maxDisk: int64(),
    maxUses: integer(),
    machineUniquenessStrategy: strategy('UNIQUE_PER_LICENSE'),
    machineMatchingStrategy: strategy('MATCH_ANY'),
    componentUniquenessStrategy: strategy('UNIQUE_PER_MACHINE'),
    componentMatchingStrategy: strategy('MATCH_ANY'),
    expirationStrategy: strategy('RESTRICT_ACCESS'),
    expirationBasis: strategy('FROM_CREATION'),
    renewalBasis: strategy('FROM_EXPIRY'),
    transferStrategy: strategy('KEEP_EXPIRY'),
    authenticationStrategy: strategy('TOKEN'),
    machineLeasingStrategy: strategy('PER_LICENSE'),
    processLeasingStrategy: strategy('PER_MACHINE'),
    overageStrategy: strategy('NO_OVERAGE'),
    requireProductScope: flag(),
    requirePolicyScope: flag(),
    requireMachineScope: flag(),
    requireFingerprintScope: flag(),
    requireComponentsScope: flag(),
    requireUserScope: flag(),
    requireChecksumScope: flag(),
    requireVersionScope: flag(),
    requireEnvironmentScope: flag(),
    requireCheckIn: flag(),
    checkInInterval: text(),
    checkInIntervalCount: integer(),
    requireHeartbeat: flag(),
    /** Seconds; null is 600. */
    heartbeatDuration: integer(),
    heartbeatCullStrategy: strategy('DEACTIVATE_DEAD'),
    heartbeatResurrectionStrategy: strategy('NO_REVIVE'),
    heartbeatBasis: strategy('FROM_FIRST_PING'),
    metadata: metadataColumn(),
  },
  (t) => [...scopedKeys('policies', t), index('policies_product').on(t.accountId, t.productId)],
);
export type Policy = typeof policies.$inferSelect;
