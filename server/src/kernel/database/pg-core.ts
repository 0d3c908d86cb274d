/** PostgreSQL's tables and columns for the query builder; through here for the reason that drizzle.ts gives. */
export * from 'drizzle-orm/pg-core';
