import type { Param } from './params.ts';

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

/** Query parameters by name, with a sentence each, for the documentation. */
export interface QueryDoc {
  [name: string]: string;
}

/** What is to be known of a wire type without a row: `columns` are the attributes that show a column as it is stored. */
export interface DocumentFacts {
  type: string;
  attributes: readonly string[];
  relationships: readonly string[];
  columns: Readonly<Record<string, { dataType: string; notNull: boolean }>>;
  records: { noun: string; topic: string };
}

/** All that is to be known of a route besides what it does. */
export interface RouteFacts {
  /** `licenses.show`, `licenses.actions.validate`: by this versions and documentation name it. */
  name: string;
  methods: readonly Method[];
  /** Below the account (`/licenses/:id`), or from the root for the bases `root`, `host` and `short`. */
  path: string;
  /**
   * `account`: under `/v1/accounts/:account` and `/v1`; `itself`: only under `/v1/accounts/:account`, on the API host;
   * `root`: under `/v1`, without an account, on the API host; `host`: the same on every host; `ping`: as `account`, but the account is not resolved;
   * `short`: on the hosts of short URLs, the account first (spec/http.md 1.5).
   */
  base: 'account' | 'itself' | 'root' | 'host' | 'ping' | 'short';
  /** Which media types it serves (spec/http.md 2.2). */
  media: 'A' | 'B' | 'any';
  /** `none`: credentials are not looked at. */
  auth: 'required' | 'optional' | 'none';
  /** Closed to accounts without an active subscription (spec/http.md 9.6). */
  gated: boolean;
  /** Written to the request logs (spec/events.md 7.2). */
  logged: boolean;
  /** The largest body that it takes; the server's limit when left out. */
  maxBodyBytes?: number;
  body?: Param<unknown, boolean>;
  query?: QueryDoc;
  /** The mode that has it; both when left out. Elsewhere the path matches nothing (spec/accounts.md 1). */
  mode?: 'multiplayer';
  /** The newest API version that has it. */
  until?: string;
  summary: string;
  /** The wire type that it answers with, `[]` appended for lists. */
  answers?: string;
  /** The shape of that type, for the documentation. */
  document?: DocumentFacts;
  status: number;
}
