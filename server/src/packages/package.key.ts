/** A package's key as it is stored: Python's tools take runs of its separators for one (spec/distribution.md 6.1). @param engine the engine's key */
export const packageKey = (key: string, engine: string | null): string => (engine === 'pypi' ? key.replace(/[-_.]+/g, '-') : key);
