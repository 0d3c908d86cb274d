/** What the kernel must be told; the server's configuration (../config.ts) holds it and more. */
import type { Names } from './names.ts';
import type { StorageSettings } from './storage/store.ts';

export interface KernelConfig {
  mode: 'singleplayer' | 'multiplayer';
  /** Plans and billing; multiplayer only. */
  cloud: boolean;
  /** The public host name, without port. */
  host: string;
  extraHosts: readonly string[];
  /** Last two labels of the host unless set; cookies and account paths belong to it. */
  domain: string;
  /** The labels before the domain. */
  subdomain: string;
  /** Origin of absolute links: scheme, host and, where it is not the scheme's own, port. */
  baseUrl: string;
  portalOrigin: string;
  names: Names;
  passwordCost: 'standard' | 'cheap';
  /** Domains that count as free, disposable or educational besides the known ones (spec/accounts.md 4.5). */
  emailDomains: { free: readonly string[]; disposable: readonly string[]; educational: readonly string[] };
  listOrder: 'asc' | 'desc';
  /** What `/v1/health` answers. */
  healthStatus: number;
  /** Bytes; null: any size. */
  maxBodyBytes: number | null;
  requestTimeoutMs: number;
  /** How long a due job may wait before `/v1/health/webhooks` complains. */
  maxJobLatencyMs: number;
  /** Proxies whose `X-Forwarded-For` counts, as CIDR ranges. */
  trustedProxies: readonly string[];
  /** null: no limits at all. */
  rateLimits: { perSecond: number | null; perMinute: number | null; allow: readonly string[]; block: readonly string[] } | null;
  /** `X-Signature` goes to accounts created before this instant; null: to none, 'always': to all. */
  legacySignatures: Date | 'always' | null;
  /** Whether webhooks may go to loopback and private addresses. */
  allowPrivateWebhooks: boolean;
  /** Days after which webhook events are deleted; 0: never. */
  webhookEventDays: number;
  /** Days after which logs are gone. */
  logRetentionDays: number;
  /** Bodies beyond this size are left out of request logs; null: none. */
  maxLoggedBodyBytes: number | null;
  storage: StorageSettings;
  /** How old rows are deleted: rows at a time, the time between two, and the time that one may take. */
  pruning: { rows: number; pauseMs: number; statementMs: number };
  /** Of the running build, if known. */
  revision: string | null;
}
