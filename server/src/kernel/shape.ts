/**
 * An object that has its members from the start, undefined until they are set; `{ ...shape }` makes another. V8 moves the members of an object that grows, over
 * and over: for records and documents with dozens of them that was a third of all memory that a list took.
 */
export const shapeOf = <Value>(names: readonly string[]): Record<string, Value> =>
  Object.fromEntries(names.map((name) => [name, undefined])) as Record<string, Value>;
