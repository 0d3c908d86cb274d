/** What an attempt comes to (spec/events.md 5.3, 5.4). */
import type { Reply } from '../kernel/outgoing/caller.ts';

/** What is to happen to the webhook event, its endpoint and its retries. */
export interface Outcome {
  /** Left out: as it was. */
  response?: { code: number | null; body: string };
  status?: 'DELIVERED' | 'FAILING' | 'FAILED';
  retried?: true;
  disables?: true;
}

type Verdict = Omit<Outcome, 'response'>;

const tunnelGone = /tunnel .+\.ngrok\.io not found/i;

const answers: readonly (readonly [(status: number, url: string, body: string) => boolean, Verdict])[] = [
  [(status) => status >= 200 && status < 300, { status: 'DELIVERED' }],
  [(status) => status === 410, { status: 'FAILED', disables: true }],
  [(status) => status === 530, { status: 'FAILED', disables: true }],
  [(status, url, body) => url.includes('.ngrok.io') && status === 404 && tunnelGone.test(body), { status: 'FAILED', disables: true }],
  [(status, url) => url.includes('.ngrok.io') && status === 504, { status: 'FAILED' }],
  [(status, url) => url.includes('.loca.lt') && status === 504, { status: 'FAILED' }],
  [() => true, { status: 'FAILING', retried: true }],
];

/** Texts in the database have no null characters. */
const storable = (body: string): string => body.replaceAll('\0', '');

/** @param url the endpoint's */
export function outcomeOfReply({ status, body }: Reply, url: string): Outcome {
  const [, verdict] = answers.find(([fits]) => fits(status, url, body ?? ''))!;
  return { response: { code: status, body: body === null ? 'RES_BODY_TOO_LARGE' : storable(body) }, ...verdict };
}

const failures: readonly (readonly [RegExp, string, Verdict])[] = [
  [
    /^ERR_(?:TLS|SSL)|CERT|^EPROTO$|^UNABLE_TO_|^HOSTNAME_MISMATCH$|^(?:INVALID_CA|PATH_LENGTH_EXCEEDED|INVALID_PURPOSE)$/,
    'SSL_ERROR',
    { status: 'FAILING', retried: true },
  ],
  [/TIMEOUT$|^ETIMEDOUT$|^TimeoutError$/, 'REQ_TIMEOUT', { status: 'FAILING', retried: true }],
  [/^ECONNREFUSED$/, 'CONN_REFUSED', { status: 'FAILED' }],
  [/^(?:ECONNRESET|EPIPE)$/, 'CONN_RESET', { status: 'FAILED' }],
  [/^ENETUNREACH$/, 'NET_UNREACH', { status: 'FAILED' }],
  [/^EHOSTUNREACH$/, 'HOST_UNREACH', { status: 'FAILED' }],
  // A name that leads to a private address is as good as unknown: nothing is told about our networks.
  [/^(?:ENOTFOUND|EAI_.*|ENODATA|ESERVFAIL|EREFUSED|EPRIVATE)$/, 'DNS_ERROR', { status: 'FAILED' }],
  [/^(?:UND_ERR_SOCKET|UND_ERR_RES_CONTENT_LENGTH_MISMATCH|HPE_INVALID_EOF_STATE)$/, 'EOF_ERROR', { status: 'FAILED' }],
];

const codeOf = (error: unknown): string => {
  const { code, name, cause } = error as { code?: unknown; name?: unknown; cause?: unknown };
  if (typeof code === 'string') return code;
  return name === 'TimeoutError' ? name : cause instanceof Error ? codeOf(cause) : '';
};

/** What failed before there was a response. */
export function outcomeOfError(error: unknown): Outcome {
  const code = codeOf(error);
  const row = failures.find(([pattern]) => pattern.test(code));
  return row ? { response: { code: null, body: row[1] }, ...row[2] } : { retried: true };
}

/** Seconds before retry n (0 to 14); undefined when there is none left (spec/events.md 5.5). @param random in [0, 1) */
export function retryDelay(n: number, random: number): number | undefined {
  return n < 15 ? n ** 4 + 600 * (1 + Math.floor(random * 10)) : undefined;
}
