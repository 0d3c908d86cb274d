CREATE TABLE "artifact_links" (
	"id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"environment_id" uuid,
	"created_at" timestamp (3) with time zone NOT NULL,
	"release_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"url" text NOT NULL,
	"ttl" integer NOT NULL,
	CONSTRAINT "artifact_links_pkey" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
ALTER TABLE "accounts" ADD COLUMN "backend" text;--> statement-breakpoint
CREATE INDEX "artifact_links_by_release" ON "artifact_links" USING btree ("account_id","release_id");--> statement-breakpoint
CREATE INDEX "artifact_links_in_environment" ON "artifact_links" USING btree ("account_id","environment_id") WHERE "artifact_links"."environment_id" is not null;--> statement-breakpoint
CREATE INDEX "artifact_links_by_age" ON "artifact_links" USING btree ("kind","created_at");