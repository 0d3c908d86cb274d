CREATE TABLE "request_counts" (
	"account_id" uuid NOT NULL,
	"day" text NOT NULL,
	"count" integer NOT NULL,
	CONSTRAINT "request_counts_pkey" PRIMARY KEY("account_id","day")
);
--> statement-breakpoint
CREATE INDEX "request_counts_day" ON "request_counts" USING btree ("day");