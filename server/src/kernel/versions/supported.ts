/** API versions, oldest first (spec/http.md 13.1). They compare as texts. */
export const apiVersions = ['1.0', '1.1', '1.2', '1.3', '1.4', '1.5', '1.6', '1.7', '1.8'] as const;
export type ApiVersion = (typeof apiVersions)[number];
export const currentVersion: ApiVersion = '1.8';
export const isApiVersion = (text: string): text is ApiVersion => (apiVersions as readonly string[]).includes(text);
