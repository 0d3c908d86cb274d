import type { HeartbeatPolicy } from '../machines/heartbeat.ts';
import type { CheckInPolicy, Limits } from './license.status.ts';

/** A user as far as validation looks at one. */
export interface Person {
  id: string;
  email: string;
}

/** The scopes that a policy can require. */
export type RequiredScope = 'Environment' | 'Product' | 'Policy' | 'User' | 'Machine' | 'Fingerprint' | 'Components' | 'Checksum' | 'Version';

/** What validation reads of a policy. */
export interface ValidationPolicy
  extends CheckInPolicy,
    Pick<HeartbeatPolicy, 'requireHeartbeat' | 'heartbeatDuration'>,
    Limits,
    Record<`require${RequiredScope}Scope`, boolean> {
  id: string;
  strict: boolean;
  floating: boolean;
  expirationStrategy: string | null;
  overageStrategy: string | null;
  machineMatchingStrategy: string | null;
  componentMatchingStrategy: string | null;
  machineLeasingStrategy: string | null;
  processLeasingStrategy: string | null;
}

/** What validation reads of a license. The limits are its stored overrides, the counts its stored counters. */
export interface ValidationLicense extends Limits {
  suspended: boolean;
  expiry: Date | null;
  lastCheckInAt: Date | null;
  productId: string;
  environment: { id: string; code: string } | null;
  owner: (Person & { bannedAt: Date | null }) | null;
  /** Attached users, the owner not counted. */
  usersCount: number;
  machinesCount: number;
  machinesCoreCount: number;
  machinesMemory: bigint;
  machinesDisk: bigint;
  policy: ValidationPolicy;
}

/** The scope as accepted: ignored nulls are gone, those of `user` and `environment` kept (spec/validation.md 3.1). */
export interface Scope {
  product?: string;
  policy?: string;
  user?: string | null;
  machine?: string;
  fingerprint?: string;
  fingerprints?: string[];
  components?: string[];
  entitlements?: string[];
  checksum?: string;
  version?: string;
  environment?: string | null;
}

/** A machine of the license; `maxProcesses` is its own override. */
export interface MachineFact {
  id: string;
  owner: Person | null;
  createdAt: Date;
  lastHeartbeatAt: Date | null;
  maxProcesses: number | null;
}

/** What only the database knows. Each member must be given when `needs` names it, and is not looked at otherwise. */
export interface Facts {
  /** The user attached to the license whose id is `scope.user`, or whose email is, in any case. The owner was looked at before. */
  user?: Person | null;
  /** The codes of the license's own entitlements and of its policy's. */
  entitlements?: readonly string[];
  /** The license's machine with the id `scope.machine`. */
  machine?: MachineFact | null;
  /** The license's machines with the fingerprint, or one of the fingerprints, of the scope. */
  fingerprints?: readonly MachineFact[];
  /** How many components of the license's machine with `scope.fingerprint` have one of the fingerprints `scope.components`. */
  components?: number;
  /** The version of the best accessible artifact's release with the checksum `scope.checksum` (spec/validation.md 4 rule 14, 4.5). */
  checksum?: { version: string } | null;
  /** Whether there is an accessible release of the version `scope.version` (spec/validation.md 4 rule 15, 4.5). */
  version?: boolean;
  /** Sums over the license's machines owned by the user of the scope; without a user in the scope, over those without owner. */
  leased?: { machines: number; cores: number; memory: bigint; disk: bigint };
  /** Processes of the license (`PER_LICENSE`), or on the machines that `leased` is about (`PER_USER`). */
  processes?: number;
  /** Processes by machine id, for the machines of `machine` or `fingerprints`; an absent one has none (`PER_MACHINE`). */
  machineProcesses?: ReadonlyMap<string, number>;
}

/** The name of a fact. */
export type Need = keyof Facts;

/** What a scope identified: to be remembered as the license's last validated checksum and version, even when a later rule failed. */
export interface Found {
  checksum?: string;
  version: string;
}

/** Every code of a validation (spec/validation.md 4). */
export const validationCodes = [
  'NOT_FOUND',
  'BANNED',
  'SUSPENDED',
  'EXPIRED',
  'OVERDUE',
  'ENVIRONMENT_SCOPE_MISMATCH',
  'ENVIRONMENT_SCOPE_REQUIRED',
  'PRODUCT_SCOPE_MISMATCH',
  'PRODUCT_SCOPE_REQUIRED',
  'POLICY_SCOPE_MISMATCH',
  'POLICY_SCOPE_REQUIRED',
  'USER_SCOPE_MISMATCH',
  'USER_SCOPE_REQUIRED',
  'ENTITLEMENTS_SCOPE_EMPTY',
  'ENTITLEMENTS_MISSING',
  'NO_MACHINE',
  'NO_MACHINES',
  'MACHINE_SCOPE_MISMATCH',
  'HEARTBEAT_NOT_STARTED',
  'HEARTBEAT_DEAD',
  'MACHINE_SCOPE_REQUIRED',
  'FINGERPRINT_SCOPE_EMPTY',
  'FINGERPRINT_SCOPE_MISMATCH',
  'FINGERPRINT_SCOPE_REQUIRED',
  'COMPONENTS_SCOPE_EMPTY',
  'COMPONENTS_SCOPE_MISMATCH',
  'COMPONENTS_SCOPE_REQUIRED',
  'CHECKSUM_SCOPE_MISMATCH',
  'CHECKSUM_SCOPE_REQUIRED',
  'VERSION_SCOPE_MISMATCH',
  'VERSION_SCOPE_REQUIRED',
  'TOO_MANY_USERS',
  'TOO_MANY_MACHINES',
  'TOO_MANY_CORES',
  'TOO_MUCH_MEMORY',
  'TOO_MUCH_DISK',
  'TOO_MANY_PROCESSES',
  'VALID',
] as const;

/** One of the codes. */
export type ValidationCode = (typeof validationCodes)[number];
