import overage from './1.1-overage-was-concurrency.ts';
import matching from './1.3-machine-matching-was-fingerprint-matching.ts';
import uniqueness from './1.3-machine-uniqueness-was-fingerprint-uniqueness.ts';
import leasing from './1.6-process-leasing-was-leasing.ts';

/** What older API versions saw of policies. */
export const policyVersions = [leasing, uniqueness, matching, overage];
