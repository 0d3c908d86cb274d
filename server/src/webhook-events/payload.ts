import { parseColumn } from '../kernel/database/json.ts';
import { stringifyJson } from '../kernel/http/json.ts';
import type { Document } from '../kernel/jsonapi/document.ts';
import type { Versions } from '../kernel/versions/registry.ts';
import { currentVersion } from '../kernel/versions/supported.ts';

/** A payload's text at a version, and the version that it then is in: downwards only (spec/events.md 5.1, 15). */
export function payloadFor(
  versions: Versions,
  { payload, apiVersion }: { payload: string | null; apiVersion: string | null },
  version: string,
): { payload: string | null; version: string | null } {
  const from = apiVersion ?? currentVersion;
  if (payload === null) return { payload, version: apiVersion };
  // A fresh payload may hold what only version changes need (`older`), which must not get out.
  if (version >= from && !payload.includes('"older":')) return { payload, version: apiVersion };
  const document = parseColumn(payload) as Document;
  versions.data(document, version, from);
  return { payload: stringifyJson(document), version: version < from ? version : apiVersion };
}
