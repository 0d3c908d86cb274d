import type { FirstStart } from './accounts/first-start.ts';
import type { Config } from './config.ts';

/** Tells once how to log in, as soon as the account is made. Secrets that the operator chose are not repeated. */
export function tellSecrets(config: Config, { accountId, made }: FirstStart): void {
  if (!made) return;
  const lines = ['The account is made.', `  account id:  ${accountId}`, `  admin:       ${made.email}`];
  if (config.adminPassword === null) lines.push(`  password:    ${made.password}`);
  if (config.adminToken === null) lines.push(`  token:       ${made.token}`);
  if (config.adminPassword === null || config.adminToken === null) lines.push('These are shown once: keep them.');
  console.log(`${lines.join('\n')}\n`);
}

/** Tells where the server is. */
export function welcome(config: Config, first: FirstStart | undefined): void {
  console.log(`Latchkey serves ${config.baseUrl}/v1${first ? ` (account ${first.accountId})` : ''}`);
}
