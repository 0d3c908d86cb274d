CREATE TABLE "billings" (
	"id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"state" text DEFAULT 'pending' NOT NULL,
	"customer_id" text,
	"subscription_id" text,
	"subscription_status" text,
	"subscription_period_start" timestamp (3) with time zone,
	"subscription_period_end" timestamp (3) with time zone,
	"card_expiry" timestamp (3) with time zone,
	"card_brand" text,
	"card_last4" text,
	"card_added_at" timestamp (3) with time zone,
	"referral_id" text,
	CONSTRAINT "billings_pkey" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
CREATE TABLE "plans" (
	"id" uuid PRIMARY KEY NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"name" text,
	"price" integer,
	"interval" text,
	"trial_duration" integer,
	"request_log_retention_duration" integer,
	"event_log_retention_duration" integer,
	"max_reqs" integer,
	"max_admins" integer,
	"max_users" integer,
	"max_policies" integer,
	"max_licenses" integer,
	"max_products" integer,
	"max_storage" bigint,
	"max_transfer" bigint,
	"max_upload" bigint,
	"private" boolean DEFAULT false NOT NULL,
	"plan_id" text
);
--> statement-breakpoint
CREATE TABLE "receipts" (
	"id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"billing_id" uuid NOT NULL,
	"invoice_id" text NOT NULL,
	"amount" integer NOT NULL,
	"paid" boolean DEFAULT false NOT NULL,
	CONSTRAINT "receipts_pkey" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
ALTER TABLE "accounts" ADD COLUMN "plan_id" uuid;--> statement-breakpoint
ALTER TABLE "receipts" ADD CONSTRAINT "receipts_billing" FOREIGN KEY ("account_id","billing_id") REFERENCES "public"."billings"("account_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "billings_account" ON "billings" USING btree ("account_id");--> statement-breakpoint
CREATE INDEX "billings_customer" ON "billings" USING btree ("customer_id");--> statement-breakpoint
CREATE INDEX "plans_order" ON "plans" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "plans_plan_id" ON "plans" USING btree ("plan_id");--> statement-breakpoint
CREATE INDEX "receipts_order" ON "receipts" USING btree ("account_id","created_at","id");--> statement-breakpoint
CREATE INDEX "receipts_by_billing" ON "receipts" USING btree ("account_id","billing_id");--> statement-breakpoint
ALTER TABLE "accounts" ADD CONSTRAINT "accounts_plan" FOREIGN KEY ("plan_id") REFERENCES "public"."plans"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "accounts_by_plan" ON "accounts" USING btree ("plan_id");