-- Rows that are changed often get room in their page, so that a change which touches no index stays there and writes to none.
ALTER TABLE "licenses" SET (fillfactor = 80);--> statement-breakpoint
ALTER TABLE "machines" SET (fillfactor = 80);--> statement-breakpoint
ALTER TABLE "processes" SET (fillfactor = 80);--> statement-breakpoint
-- Bodies are compressed with what takes a tenth of the time, where the server has it.
DO $$ BEGIN
  ALTER TABLE "request_logs" ALTER COLUMN "response_body" SET COMPRESSION lz4, ALTER COLUMN "request_body" SET COMPRESSION lz4, ALTER COLUMN "response_headers" SET COMPRESSION lz4;
  ALTER TABLE "webhook_events" ALTER COLUMN "payload" SET COMPRESSION lz4;
  ALTER TABLE "outbox" ALTER COLUMN "entry" SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN NULL;
END $$;
