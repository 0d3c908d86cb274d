/** Names of the house that show on the wire: documentation, dashboard, support (spec/README.md, Names). */

export interface Names {
  /** Base of documentation links, without a slash at the end. */
  docs: string;
  support: string;
  status: string;
  /** Where billing is managed. */
  billing: string;
  /** The origin of the dashboard: who looks at a license there does not use it. */
  dashboard: string;
  /** Origins whose requests are not counted or logged, the dashboard's among them. */
  dashboardOrigins: readonly string[];
  /** The webhooks' `User-Agent`; `{version}` is the API version. */
  webhookAgent: string;
  /** Hosts that customers' URLs may not name. */
  forbiddenHosts: readonly string[];
  /** The issuer of JWT license keys. */
  issuer: string;
}

const incumbent = 'keygen.sh';

/** The literals that existing clients and suites know. */
export const keygenNames: Names = {
  docs: `https://${incumbent}/docs/api`,
  support: `support@${incumbent}`,
  status: `https://status.${incumbent}`,
  billing: `https://app.${incumbent}/billing`,
  dashboard: `https://app.${incumbent}`,
  dashboardOrigins: [`https://app.${incumbent}`, `https://dist.${incumbent}`],
  webhookAgent: `Keygen/{version} (+https://${incumbent}/docs/api/webhooks/)`,
  forbiddenHosts: ['', 'api.', 'app.', 'dist.', 'dashboard.', 'portal.', 'status.', 'stats.'].map((sub) => `${sub}${incumbent}`),
  issuer: `https://${incumbent}`,
};

/** The product's own: nothing leads to another company. @param baseUrl of this server, without a slash at the end */
export const latchkeyNames = (baseUrl: string, ownHosts: readonly string[]): Names => ({
  docs: `${baseUrl}/docs/api`,
  support: 'the operator of this server',
  status: `${baseUrl}/v1/health`,
  billing: `${baseUrl}/app/billing`,
  dashboard: baseUrl,
  dashboardOrigins: [baseUrl],
  webhookAgent: `Latchkey/{version} (+${baseUrl}/docs/api/webhooks/)`,
  forbiddenHosts: ownHosts,
  issuer: baseUrl,
});

/** Whether a request comes from the dashboard, the portal or the downloads' site: such are neither logged nor counted (spec/events.md 7.2, spec/accounts.md 11.2). */
export const isFromOurPages = ({ names, portalOrigin }: { names: Names; portalOrigin: string }, origin: string | undefined): boolean =>
  origin !== undefined && (names.dashboardOrigins.includes(origin) || origin === portalOrigin);
