DROP INDEX "machines_beating";--> statement-breakpoint
DROP INDEX "machines_silent";--> statement-breakpoint
DROP INDEX "processes_beating";--> statement-breakpoint
ALTER TABLE "machines" ADD COLUMN "known_heartbeat_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "processes" ADD COLUMN "known_heartbeat_at" timestamp (3) with time zone;--> statement-breakpoint
UPDATE "machines" SET "known_heartbeat_at" = "last_heartbeat_at";--> statement-breakpoint
UPDATE "processes" SET "known_heartbeat_at" = "last_heartbeat_at";--> statement-breakpoint
ALTER TABLE "processes" ALTER COLUMN "known_heartbeat_at" SET NOT NULL;--> statement-breakpoint
-- room on a page for the next version of its rows, which a ping then writes without touching an index
ALTER TABLE "machines" SET (fillfactor = 85);--> statement-breakpoint
ALTER TABLE "processes" SET (fillfactor = 85);--> statement-breakpoint
ALTER TABLE "licenses" SET (fillfactor = 85);--> statement-breakpoint
CREATE INDEX "machines_beating" ON "machines" USING btree ("account_id","policy_id","known_heartbeat_at") WHERE "machines"."heartbeat_monitor_id" is null and "machines"."known_heartbeat_at" is not null;--> statement-breakpoint
CREATE INDEX "machines_silent" ON "machines" USING btree ("account_id","policy_id","created_at") WHERE "machines"."heartbeat_monitor_id" is null and "machines"."known_heartbeat_at" is null;--> statement-breakpoint
CREATE INDEX "processes_beating" ON "processes" USING btree ("account_id","policy_id","known_heartbeat_at") WHERE "processes"."heartbeat_monitor_id" is null;--> statement-breakpoint
ALTER TABLE "machines" ADD CONSTRAINT "machines_known_heartbeat" CHECK ("machines"."known_heartbeat_at" <= "machines"."last_heartbeat_at" and ("machines"."known_heartbeat_at" is null) = ("machines"."last_heartbeat_at" is null));--> statement-breakpoint
ALTER TABLE "processes" ADD CONSTRAINT "processes_known_heartbeat" CHECK ("processes"."known_heartbeat_at" <= "processes"."last_heartbeat_at");