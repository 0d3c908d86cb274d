/** The query builder. Node reads the package's long list of exports anew for each import of it, so all of ours go through here: that is a quarter of the time of a start. */
export * from 'drizzle-orm';
