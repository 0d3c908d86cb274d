/** Where an artifact's bytes are in a store. @param filename as in a URL, where that says something else than the artifact (spec/distribution.md 8.2, 9.3) */
export const objectKey = ({ accountId, releaseId, filename }: { accountId: string; releaseId: string; filename: string }): string =>
  `artifacts/${accountId}/${releaseId}/${filename}`;
