/** The values of a policy's strategies (spec/licensing.md 2.2, 2.3), in the words of the attributes. */

const scopes = ['UNIQUE_PER_ACCOUNT', 'UNIQUE_PER_PRODUCT', 'UNIQUE_PER_POLICY', 'UNIQUE_PER_LICENSE'] as const;
const matching = ['MATCH_ANY', 'MATCH_TWO', 'MATCH_MOST', 'MATCH_ALL'] as const;

export const policyEnums = {
  machineUniquenessStrategy: scopes,
  machineMatchingStrategy: matching,
  componentUniquenessStrategy: [...scopes, 'UNIQUE_PER_MACHINE'],
  componentMatchingStrategy: matching,
  expirationStrategy: ['RESTRICT_ACCESS', 'REVOKE_ACCESS', 'MAINTAIN_ACCESS', 'ALLOW_ACCESS'],
  expirationBasis: ['FROM_CREATION', 'FROM_FIRST_VALIDATION', 'FROM_FIRST_ACTIVATION', 'FROM_FIRST_DOWNLOAD', 'FROM_FIRST_USE'],
  renewalBasis: ['FROM_EXPIRY', 'FROM_NOW', 'FROM_NOW_IF_EXPIRED'],
  transferStrategy: ['KEEP_EXPIRY', 'RESET_EXPIRY'],
  authenticationStrategy: ['TOKEN', 'LICENSE', 'SESSION', 'MIXED', 'NONE'],
  machineLeasingStrategy: ['PER_LICENSE', 'PER_USER'],
  processLeasingStrategy: ['PER_MACHINE', 'PER_LICENSE', 'PER_USER'],
  overageStrategy: ['NO_OVERAGE', 'ALLOW_1_25X_OVERAGE', 'ALLOW_1_5X_OVERAGE', 'ALLOW_2X_OVERAGE', 'ALWAYS_ALLOW_OVERAGE'],
  heartbeatCullStrategy: ['DEACTIVATE_DEAD', 'KEEP_DEAD'],
  heartbeatResurrectionStrategy: [
    ...['NO_REVIVE', '1_MINUTE_REVIVE', '2_MINUTE_REVIVE', '5_MINUTE_REVIVE', '10_MINUTE_REVIVE', '15_MINUTE_REVIVE'],
    'ALWAYS_REVIVE',
  ],
  heartbeatBasis: ['FROM_CREATION', 'FROM_FIRST_PING'],
} as const satisfies Record<string, readonly string[]>;
export type PolicyEnum = keyof typeof policyEnums;

export const schemes: readonly string[] = [
  ...['LEGACY_ENCRYPT', 'RSA_2048_PKCS1_ENCRYPT', 'RSA_2048_PKCS1_SIGN', 'RSA_2048_PKCS1_PSS_SIGN', 'RSA_2048_JWT_RS256'],
  ...['RSA_2048_PKCS1_SIGN_V2', 'RSA_2048_PKCS1_PSS_SIGN_V2', 'ED25519_SIGN', 'ECDSA_P256_SIGN'],
];
