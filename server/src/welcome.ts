import type { FirstStart } from './accounts/first-start.ts';
import type { Config } from './config.ts';

/** Tells how to log in, once, and where the server is, always. Secrets that the operator chose are not repeated. */
export function welcome(config: Config, { accountId, made }: FirstStart): void {
  const lines = [`Latchkey serves ${config.baseUrl}/v1`, `  account id:  ${accountId}`];
  if (made) {
    lines.push(`  admin:       ${made.email}`);
    if (config.adminPassword === null) lines.push(`  password:    ${made.password}`);
    if (config.adminToken === null) lines.push(`  token:       ${made.token}`);
    lines.push('These are shown once: keep them.');
  }
  console.log(`${lines.join('\n')}\n`);
}
