const longestKey = 128;

/** Remembers the results of a pure function of a short text. Once `limit` texts are held it forgets them all, so a flood of new texts costs time but no memory. */
export function memoise<T>(compute: (text: string) => T, limit: number): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const hit = known.get(text);
    if (hit !== undefined) return hit;
    const value = compute(text);
    if (text.length > longestKey) return value;
    if (known.size >= limit) known.clear();
    known.set(text, value);
    return value;
  };
}
