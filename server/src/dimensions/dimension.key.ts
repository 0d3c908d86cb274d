/** A platform or an arch as it is stored (spec/distribution.md 7.1). @returns null for none */
export const platformKey = (text: string | null): string | null => text?.trim().toLowerCase() || null;

/** A filetype as it is stored: the same, without the point of an extension (spec/distribution.md 7.1). @returns null for none */
export const filetypeKey = (text: string | null): string | null => platformKey(text)?.replace(/^\./, '') || null;
