CREATE TABLE "accounts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"name" text,
	"slug" text NOT NULL,
	"api_version" text,
	"protected" boolean DEFAULT false NOT NULL,
	"cname" text,
	"domain" text,
	"subdomain" text,
	"secret_key" text NOT NULL,
	"rsa_private_key" text NOT NULL,
	"rsa_public_key" text NOT NULL,
	"ed25519_private_key" text NOT NULL,
	"ed25519_public_key" text NOT NULL,
	"ecdsa_private_key" text NOT NULL,
	"ecdsa_public_key" text NOT NULL,
	"sso_organization_id" text,
	"sso_organization_domains" text[] DEFAULT '{}' NOT NULL,
	"sso_session_duration" integer,
	"sso_jit_provisioning" boolean DEFAULT false NOT NULL,
	"sso_external_authn" boolean DEFAULT false NOT NULL,
	"sso_idp_initiated_authn" boolean DEFAULT false NOT NULL,
	"sso_sync_roles" boolean DEFAULT false NOT NULL
);
--> statement-breakpoint
CREATE TABLE "components" (
	"id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"environment_id" uuid,
	"machine_id" uuid NOT NULL,
	"fingerprint" text NOT NULL,
	"name" text NOT NULL,
	"metadata" jsonb DEFAULT '{}' NOT NULL,
	CONSTRAINT "components_pkey" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
CREATE TABLE "entitlements" (
	"id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"environment_id" uuid,
	"name" text NOT NULL,
	"code" text NOT NULL,
	"metadata" jsonb DEFAULT '{}' NOT NULL,
	CONSTRAINT "entitlements_pkey" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
CREATE TABLE "environments" (
	"id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"name" text NOT NULL,
	"code" text NOT NULL,
	"isolation_strategy" text DEFAULT 'ISOLATED' NOT NULL,
	"permissions" text[] NOT NULL,
	CONSTRAINT "environments_pkey" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
CREATE TABLE "event_logs" (
	"id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"environment_id" uuid,
	"expires_at" timestamp (3) with time zone,
	"event" text NOT NULL,
	"resource_type" text,
	"resource_id" uuid,
	"whodunnit_type" text,
	"whodunnit_id" uuid,
	"request_log_id" uuid,
	"metadata" jsonb DEFAULT '{}'::jsonb NOT NULL,
	CONSTRAINT "event_logs_pkey" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
CREATE TABLE "group_owners" (
	"id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"environment_id" uuid,
	"group_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	CONSTRAINT "group_owners_pkey" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
CREATE TABLE "groups" (
	"id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"environment_id" uuid,
	"name" text NOT NULL,
	"max_users" integer,
	"max_licenses" integer,
	"max_machines" integer,
	"metadata" jsonb DEFAULT '{}' NOT NULL,
	CONSTRAINT "groups_pkey" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"account_id" uuid NOT NULL,
	"bearer" text NOT NULL,
	"key" text NOT NULL,
	"fingerprint" text NOT NULL,
	"response" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY("account_id","bearer","key")
);
--> statement-breakpoint
CREATE TABLE "keys" (
	"id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"environment_id" uuid,
	"policy_id" uuid NOT NULL,
	"key" text NOT NULL,
	CONSTRAINT "keys_pkey" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
CREATE TABLE "license_entitlements" (
	"id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"environment_id" uuid,
	"license_id" uuid NOT NULL,
	"entitlement_id" uuid NOT NULL,
	CONSTRAINT "license_entitlements_pkey" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
CREATE TABLE "license_users" (
	"id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"environment_id" uuid,
	"license_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	CONSTRAINT "license_users_pkey" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
CREATE TABLE "licenses" (
	"id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"environment_id" uuid,
	"policy_id" uuid NOT NULL,
	"product_id" uuid NOT NULL,
	"owner_id" uuid,
	"group_id" uuid,
	"name" text,
	"key" text NOT NULL,
	"expiry" timestamp (3) with time zone,
	"suspended" boolean DEFAULT false NOT NULL,
	"protected" boolean,
	"uses" integer DEFAULT 0 NOT NULL,
	"max_machines" integer,
	"max_processes" integer,
	"max_users" integer,
	"max_cores" integer,
	"max_memory" bigint,
	"max_disk" bigint,
	"max_uses" integer,
	"users_count" integer DEFAULT 0 NOT NULL,
	"machines_count" integer DEFAULT 0 NOT NULL,
	"machines_core_count" integer DEFAULT 0 NOT NULL,
	"machines_memory" bigint DEFAULT 0 NOT NULL,
	"machines_disk" bigint DEFAULT 0 NOT NULL,
	"last_validated_at" timestamp (3) with time zone,
	"last_validated_checksum" text,
	"last_validated_version" text,
	"last_check_in_at" timestamp (3) with time zone,
	"last_check_out_at" timestamp (3) with time zone,
	"last_expiration_event_sent_at" timestamp (3) with time zone,
	"last_expiring_soon_event_sent_at" timestamp (3) with time zone,
	"last_check_in_event_sent_at" timestamp (3) with time zone,
	"last_check_in_soon_event_sent_at" timestamp (3) with time zone,
	"permissions" text[] NOT NULL,
	"metadata" jsonb DEFAULT '{}' NOT NULL,
	CONSTRAINT "licenses_pkey" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
CREATE TABLE "machines" (
	"id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"environment_id" uuid,
	"license_id" uuid NOT NULL,
	"policy_id" uuid NOT NULL,
	"owner_id" uuid,
	"group_id" uuid,
	"fingerprint" text NOT NULL,
	"name" text,
	"ip" text,
	"hostname" text,
	"platform" text,
	"cores" integer,
	"memory" bigint,
	"disk" bigint,
	"max_processes" integer,
	"last_check_out_at" timestamp (3) with time zone,
	"last_heartbeat_at" timestamp (3) with time zone,
	"last_death_event_sent_at" timestamp (3) with time zone,
	"heartbeat_monitor_id" uuid,
	"metadata" jsonb DEFAULT '{}' NOT NULL,
	CONSTRAINT "machines_pkey" PRIMARY KEY("account_id","id"),
	CONSTRAINT "machines_process_policy" UNIQUE("account_id","id","policy_id")
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"id" uuid PRIMARY KEY NOT NULL,
	"account_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"entry" jsonb NOT NULL,
	"event" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "policies" (
	"id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"environment_id" uuid,
	"product_id" uuid NOT NULL,
	"name" text NOT NULL,
	"duration" integer,
	"strict" boolean DEFAULT false NOT NULL,
	"floating" boolean DEFAULT false NOT NULL,
	"scheme" text,
	"encrypted" boolean DEFAULT false NOT NULL,
	"use_pool" boolean DEFAULT false NOT NULL,
	"protected" boolean DEFAULT false NOT NULL,
	"max_machines" integer,
	"max_processes" integer,
	"max_users" integer,
	"max_cores" integer,
	"max_memory" bigint,
	"max_disk" bigint,
	"max_uses" integer,
	"machine_uniqueness_strategy" text DEFAULT 'UNIQUE_PER_LICENSE',
	"machine_matching_strategy" text DEFAULT 'MATCH_ANY',
	"component_uniqueness_strategy" text DEFAULT 'UNIQUE_PER_MACHINE',
	"component_matching_strategy" text DEFAULT 'MATCH_ANY',
	"expiration_strategy" text DEFAULT 'RESTRICT_ACCESS',
	"expiration_basis" text DEFAULT 'FROM_CREATION',
	"renewal_basis" text DEFAULT 'FROM_EXPIRY',
	"transfer_strategy" text DEFAULT 'KEEP_EXPIRY',
	"authentication_strategy" text DEFAULT 'TOKEN',
	"machine_leasing_strategy" text DEFAULT 'PER_LICENSE',
	"process_leasing_strategy" text DEFAULT 'PER_MACHINE',
	"overage_strategy" text DEFAULT 'NO_OVERAGE',
	"require_product_scope" boolean DEFAULT false NOT NULL,
	"require_policy_scope" boolean DEFAULT false NOT NULL,
	"require_machine_scope" boolean DEFAULT false NOT NULL,
	"require_fingerprint_scope" boolean DEFAULT false NOT NULL,
	"require_components_scope" boolean DEFAULT false NOT NULL,
	"require_user_scope" boolean DEFAULT false NOT NULL,
	"require_checksum_scope" boolean DEFAULT false NOT NULL,
	"require_version_scope" boolean DEFAULT false NOT NULL,
	"require_environment_scope" boolean DEFAULT false NOT NULL,
	"require_check_in" boolean DEFAULT false NOT NULL,
	"check_in_interval" text,
	"check_in_interval_count" integer,
	"require_heartbeat" boolean DEFAULT false NOT NULL,
	"heartbeat_duration" integer,
	"heartbeat_cull_strategy" text DEFAULT 'DEACTIVATE_DEAD',
	"heartbeat_resurrection_strategy" text DEFAULT 'NO_REVIVE',
	"heartbeat_basis" text DEFAULT 'FROM_FIRST_PING',
	"metadata" jsonb DEFAULT '{}' NOT NULL,
	CONSTRAINT "policies_pkey" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
CREATE TABLE "policy_entitlements" (
	"id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"environment_id" uuid,
	"policy_id" uuid NOT NULL,
	"entitlement_id" uuid NOT NULL,
	CONSTRAINT "policy_entitlements_pkey" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
CREATE TABLE "processes" (
	"id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"environment_id" uuid,
	"machine_id" uuid NOT NULL,
	"policy_id" uuid NOT NULL,
	"pid" text NOT NULL,
	"last_heartbeat_at" timestamp (3) with time zone NOT NULL,
	"last_death_event_sent_at" timestamp (3) with time zone,
	"heartbeat_monitor_id" uuid,
	"metadata" jsonb DEFAULT '{}' NOT NULL,
	CONSTRAINT "processes_pkey" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
CREATE TABLE "products" (
	"id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"environment_id" uuid,
	"name" text NOT NULL,
	"code" text,
	"distribution_strategy" text DEFAULT 'LICENSED',
	"url" text,
	"platforms" text[],
	"permissions" text[] NOT NULL,
	"metadata" jsonb DEFAULT '{}' NOT NULL,
	CONSTRAINT "products_pkey" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
CREATE TABLE "request_logs" (
	"id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"environment_id" uuid,
	"expires_at" timestamp (3) with time zone,
	"url" text NOT NULL,
	"method" text NOT NULL,
	"status" text NOT NULL,
	"ip" text,
	"user_agent" text,
	"requestor_type" text,
	"requestor_id" uuid,
	"resource_type" text,
	"resource_id" uuid,
	"request_headers" jsonb,
	"request_body" text,
	"response_headers" jsonb,
	"response_body" text,
	"response_signature" text,
	"queue_time" double precision,
	"run_time" double precision,
	CONSTRAINT "request_logs_pkey" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
CREATE TABLE "settings" (
	"id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"key" text NOT NULL,
	"value" jsonb,
	CONSTRAINT "settings_pkey" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
CREATE TABLE "tokens" (
	"id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"environment_id" uuid,
	"name" text,
	"digest" text NOT NULL,
	"bearer_type" text NOT NULL,
	"bearer_id" uuid NOT NULL,
	"expiry" timestamp (3) with time zone,
	"permissions" text[] DEFAULT '{"*"}' NOT NULL,
	"max_activations" integer,
	"activations" integer DEFAULT 0 NOT NULL,
	"max_deactivations" integer,
	"deactivations" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "tokens_pkey" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
CREATE TABLE "users" (
	"id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"environment_id" uuid,
	"first_name" text,
	"last_name" text,
	"email" text NOT NULL,
	"role" text DEFAULT 'user' NOT NULL,
	"permissions" text[] NOT NULL,
	"password_digest" text,
	"password_reset_digest" text,
	"password_reset_sent_at" timestamp (3) with time zone,
	"banned_at" timestamp (3) with time zone,
	"group_id" uuid,
	"metadata" jsonb DEFAULT '{}' NOT NULL,
	"sso_profile_id" text,
	"sso_connection_id" text,
	"sso_idp_id" text,
	CONSTRAINT "users_pkey" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
CREATE TABLE "webhook_endpoints" (
	"id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"environment_id" uuid,
	"product_id" uuid,
	"url" text NOT NULL,
	"subscriptions" text[] DEFAULT '{"*"}' NOT NULL,
	"signature_algorithm" text DEFAULT 'ed25519',
	"api_version" text,
	CONSTRAINT "webhook_endpoints_pkey" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
CREATE TABLE "webhook_events" (
	"id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"environment_id" uuid,
	"webhook_endpoint_id" uuid,
	"endpoint" text NOT NULL,
	"event" text NOT NULL,
	"api_version" text,
	"payload" text,
	"status" text DEFAULT 'DELIVERING',
	"last_response_code" integer,
	"last_response_body" text,
	"idempotency_token" text NOT NULL,
	CONSTRAINT "webhook_events_pkey" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
ALTER TABLE "components" ADD CONSTRAINT "components_machine" FOREIGN KEY ("account_id","machine_id") REFERENCES "public"."machines"("account_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_owners" ADD CONSTRAINT "group_owners_group" FOREIGN KEY ("account_id","group_id") REFERENCES "public"."groups"("account_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "license_entitlements" ADD CONSTRAINT "license_entitlements_entitlement" FOREIGN KEY ("account_id","entitlement_id") REFERENCES "public"."entitlements"("account_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "policy_entitlements" ADD CONSTRAINT "policy_entitlements_entitlement" FOREIGN KEY ("account_id","entitlement_id") REFERENCES "public"."entitlements"("account_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "processes" ADD CONSTRAINT "processes_machine" FOREIGN KEY ("account_id","machine_id","policy_id") REFERENCES "public"."machines"("account_id","id","policy_id") ON DELETE cascade ON UPDATE cascade;--> statement-breakpoint
ALTER TABLE "webhook_endpoints" ADD CONSTRAINT "webhook_endpoints_of_product" FOREIGN KEY ("account_id","product_id") REFERENCES "public"."products"("account_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "accounts_slug" ON "accounts" USING btree (lower("slug"));--> statement-breakpoint
CREATE UNIQUE INDEX "accounts_cname" ON "accounts" USING btree ("cname");--> statement-breakpoint
CREATE UNIQUE INDEX "accounts_domain" ON "accounts" USING btree ("domain");--> statement-breakpoint
CREATE UNIQUE INDEX "accounts_sso_organization" ON "accounts" USING btree ("sso_organization_id");--> statement-breakpoint
CREATE INDEX "accounts_order" ON "accounts" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "components_order" ON "components" USING btree ("account_id","created_at","id") WHERE "components"."environment_id" is null;--> statement-breakpoint
CREATE INDEX "components_order_in_environment" ON "components" USING btree ("account_id","environment_id","created_at","id") WHERE "components"."environment_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "components_fingerprint" ON "components" USING btree ("account_id","machine_id",md5("fingerprint"));--> statement-breakpoint
CREATE INDEX "components_by_fingerprint" ON "components" USING btree ("account_id",md5("fingerprint"));--> statement-breakpoint
CREATE INDEX "entitlements_order" ON "entitlements" USING btree ("account_id","created_at","id") WHERE "entitlements"."environment_id" is null;--> statement-breakpoint
CREATE INDEX "entitlements_order_in_environment" ON "entitlements" USING btree ("account_id","environment_id","created_at","id") WHERE "entitlements"."environment_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "entitlements_code" ON "entitlements" USING btree ("account_id",lower("code"));--> statement-breakpoint
CREATE INDEX "environments_order" ON "environments" USING btree ("account_id","created_at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "environments_code" ON "environments" USING btree ("account_id",lower("code"));--> statement-breakpoint
CREATE INDEX "event_logs_order" ON "event_logs" USING btree ("account_id","created_at","id") WHERE "event_logs"."environment_id" is null;--> statement-breakpoint
CREATE INDEX "event_logs_order_in_environment" ON "event_logs" USING btree ("account_id","environment_id","created_at","id") WHERE "event_logs"."environment_id" is not null;--> statement-breakpoint
CREATE INDEX "event_logs_resource" ON "event_logs" USING btree ("account_id","resource_id");--> statement-breakpoint
CREATE INDEX "event_logs_age" ON "event_logs" USING brin ("created_at","expires_at");--> statement-breakpoint
CREATE INDEX "group_owners_order" ON "group_owners" USING btree ("account_id","created_at","id") WHERE "group_owners"."environment_id" is null;--> statement-breakpoint
CREATE INDEX "group_owners_order_in_environment" ON "group_owners" USING btree ("account_id","environment_id","created_at","id") WHERE "group_owners"."environment_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "group_owners_pair" ON "group_owners" USING btree ("account_id","group_id","user_id");--> statement-breakpoint
CREATE INDEX "group_owners_by_user" ON "group_owners" USING btree ("account_id","user_id");--> statement-breakpoint
CREATE INDEX "groups_order" ON "groups" USING btree ("account_id","created_at","id") WHERE "groups"."environment_id" is null;--> statement-breakpoint
CREATE INDEX "groups_order_in_environment" ON "groups" USING btree ("account_id","environment_id","created_at","id") WHERE "groups"."environment_id" is not null;--> statement-breakpoint
CREATE INDEX "idempotency_keys_age" ON "idempotency_keys" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "keys_order" ON "keys" USING btree ("account_id","created_at","id") WHERE "keys"."environment_id" is null;--> statement-breakpoint
CREATE INDEX "keys_order_in_environment" ON "keys" USING btree ("account_id","environment_id","created_at","id") WHERE "keys"."environment_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "keys_key" ON "keys" USING btree ("account_id",md5("key"));--> statement-breakpoint
CREATE INDEX "keys_pool" ON "keys" USING btree ("account_id","policy_id","created_at","id");--> statement-breakpoint
CREATE INDEX "license_entitlements_order" ON "license_entitlements" USING btree ("account_id","created_at","id") WHERE "license_entitlements"."environment_id" is null;--> statement-breakpoint
CREATE INDEX "license_entitlements_order_in_environment" ON "license_entitlements" USING btree ("account_id","environment_id","created_at","id") WHERE "license_entitlements"."environment_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "license_entitlements_pair" ON "license_entitlements" USING btree ("account_id","license_id","entitlement_id");--> statement-breakpoint
CREATE INDEX "license_entitlements_by_entitlement" ON "license_entitlements" USING btree ("account_id","entitlement_id");--> statement-breakpoint
CREATE INDEX "license_users_order" ON "license_users" USING btree ("account_id","created_at","id") WHERE "license_users"."environment_id" is null;--> statement-breakpoint
CREATE INDEX "license_users_order_in_environment" ON "license_users" USING btree ("account_id","environment_id","created_at","id") WHERE "license_users"."environment_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "license_users_pair" ON "license_users" USING btree ("account_id","license_id","user_id");--> statement-breakpoint
CREATE INDEX "license_users_by_user" ON "license_users" USING btree ("account_id","user_id");--> statement-breakpoint
CREATE INDEX "licenses_order" ON "licenses" USING btree ("account_id","created_at","id") WHERE "licenses"."environment_id" is null;--> statement-breakpoint
CREATE INDEX "licenses_order_in_environment" ON "licenses" USING btree ("account_id","environment_id","created_at","id") WHERE "licenses"."environment_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "licenses_key" ON "licenses" USING btree ("account_id",md5("key"));--> statement-breakpoint
CREATE INDEX "licenses_id" ON "licenses" USING btree ("id");--> statement-breakpoint
CREATE INDEX "licenses_policy" ON "licenses" USING btree ("account_id","policy_id","created_at");--> statement-breakpoint
CREATE INDEX "licenses_check_in" ON "licenses" USING btree ("account_id","policy_id","last_check_in_at") WHERE "licenses"."last_check_in_at" is not null;--> statement-breakpoint
CREATE INDEX "licenses_product" ON "licenses" USING btree ("account_id","product_id","created_at");--> statement-breakpoint
CREATE INDEX "licenses_owner" ON "licenses" USING btree ("account_id","owner_id");--> statement-breakpoint
CREATE INDEX "licenses_group" ON "licenses" USING btree ("account_id","group_id");--> statement-breakpoint
CREATE INDEX "licenses_expiry" ON "licenses" USING btree ("expiry");--> statement-breakpoint
CREATE INDEX "licenses_metadata" ON "licenses" USING gin ("metadata" jsonb_path_ops);--> statement-breakpoint
CREATE INDEX "machines_order" ON "machines" USING btree ("account_id","created_at","id") WHERE "machines"."environment_id" is null;--> statement-breakpoint
CREATE INDEX "machines_order_in_environment" ON "machines" USING btree ("account_id","environment_id","created_at","id") WHERE "machines"."environment_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "machines_fingerprint" ON "machines" USING btree ("account_id","license_id",md5("fingerprint"));--> statement-breakpoint
CREATE INDEX "machines_by_fingerprint" ON "machines" USING btree ("account_id",md5("fingerprint"));--> statement-breakpoint
CREATE INDEX "machines_license" ON "machines" USING btree ("account_id","license_id","created_at");--> statement-breakpoint
CREATE INDEX "machines_policy" ON "machines" USING btree ("account_id","policy_id");--> statement-breakpoint
CREATE INDEX "machines_owner" ON "machines" USING btree ("account_id","owner_id");--> statement-breakpoint
CREATE INDEX "machines_group" ON "machines" USING btree ("account_id","group_id");--> statement-breakpoint
CREATE INDEX "machines_id" ON "machines" USING btree ("id");--> statement-breakpoint
CREATE INDEX "machines_beating" ON "machines" USING btree ("account_id","policy_id","last_heartbeat_at") WHERE "machines"."heartbeat_monitor_id" is null and "machines"."last_heartbeat_at" is not null;--> statement-breakpoint
CREATE INDEX "machines_silent" ON "machines" USING btree ("account_id","policy_id","created_at") WHERE "machines"."heartbeat_monitor_id" is null and "machines"."last_heartbeat_at" is null;--> statement-breakpoint
CREATE INDEX "machines_metadata" ON "machines" USING gin ("metadata" jsonb_path_ops);--> statement-breakpoint
CREATE INDEX "outbox_order" ON "outbox" USING btree ("id");--> statement-breakpoint
CREATE INDEX "policies_order" ON "policies" USING btree ("account_id","created_at","id") WHERE "policies"."environment_id" is null;--> statement-breakpoint
CREATE INDEX "policies_order_in_environment" ON "policies" USING btree ("account_id","environment_id","created_at","id") WHERE "policies"."environment_id" is not null;--> statement-breakpoint
CREATE INDEX "policies_product" ON "policies" USING btree ("account_id","product_id");--> statement-breakpoint
CREATE INDEX "policy_entitlements_order" ON "policy_entitlements" USING btree ("account_id","created_at","id") WHERE "policy_entitlements"."environment_id" is null;--> statement-breakpoint
CREATE INDEX "policy_entitlements_order_in_environment" ON "policy_entitlements" USING btree ("account_id","environment_id","created_at","id") WHERE "policy_entitlements"."environment_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "policy_entitlements_pair" ON "policy_entitlements" USING btree ("account_id","policy_id","entitlement_id");--> statement-breakpoint
CREATE INDEX "policy_entitlements_by_entitlement" ON "policy_entitlements" USING btree ("account_id","entitlement_id");--> statement-breakpoint
CREATE INDEX "processes_order" ON "processes" USING btree ("account_id","created_at","id") WHERE "processes"."environment_id" is null;--> statement-breakpoint
CREATE INDEX "processes_order_in_environment" ON "processes" USING btree ("account_id","environment_id","created_at","id") WHERE "processes"."environment_id" is not null;--> statement-breakpoint
CREATE INDEX "processes_beating" ON "processes" USING btree ("account_id","policy_id","last_heartbeat_at") WHERE "processes"."heartbeat_monitor_id" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "processes_pid" ON "processes" USING btree ("account_id","machine_id",md5("pid"));--> statement-breakpoint
CREATE INDEX "processes_id" ON "processes" USING btree ("id");--> statement-breakpoint
CREATE INDEX "products_order" ON "products" USING btree ("account_id","created_at","id") WHERE "products"."environment_id" is null;--> statement-breakpoint
CREATE INDEX "products_order_in_environment" ON "products" USING btree ("account_id","environment_id","created_at","id") WHERE "products"."environment_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "products_code" ON "products" USING btree ("account_id",lower("code"));--> statement-breakpoint
CREATE INDEX "request_logs_order" ON "request_logs" USING btree ("account_id","created_at","id") WHERE "request_logs"."environment_id" is null;--> statement-breakpoint
CREATE INDEX "request_logs_order_in_environment" ON "request_logs" USING btree ("account_id","environment_id","created_at","id") WHERE "request_logs"."environment_id" is not null;--> statement-breakpoint
CREATE INDEX "request_logs_resource" ON "request_logs" USING btree ("account_id","resource_id");--> statement-breakpoint
CREATE INDEX "request_logs_age" ON "request_logs" USING brin ("created_at","expires_at");--> statement-breakpoint
CREATE INDEX "settings_order" ON "settings" USING btree ("account_id","created_at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "settings_key" ON "settings" USING btree ("account_id","key");--> statement-breakpoint
CREATE INDEX "tokens_order" ON "tokens" USING btree ("account_id","created_at","id") WHERE "tokens"."environment_id" is null;--> statement-breakpoint
CREATE INDEX "tokens_order_in_environment" ON "tokens" USING btree ("account_id","environment_id","created_at","id") WHERE "tokens"."environment_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "tokens_digest" ON "tokens" USING btree ("account_id","digest");--> statement-breakpoint
CREATE INDEX "tokens_bearer" ON "tokens" USING btree ("account_id","bearer_type","bearer_id");--> statement-breakpoint
CREATE INDEX "tokens_expiry" ON "tokens" USING btree ("expiry");--> statement-breakpoint
CREATE INDEX "users_order" ON "users" USING btree ("account_id","created_at","id") WHERE "users"."environment_id" is null;--> statement-breakpoint
CREATE INDEX "users_order_in_environment" ON "users" USING btree ("account_id","environment_id","created_at","id") WHERE "users"."environment_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "users_email" ON "users" USING btree ("account_id","email");--> statement-breakpoint
CREATE UNIQUE INDEX "users_sso_profile" ON "users" USING btree ("account_id","sso_profile_id");--> statement-breakpoint
CREATE INDEX "users_group" ON "users" USING btree ("account_id","group_id");--> statement-breakpoint
CREATE INDEX "users_role" ON "users" USING btree ("account_id","role");--> statement-breakpoint
CREATE INDEX "webhook_endpoints_order" ON "webhook_endpoints" USING btree ("account_id","created_at","id") WHERE "webhook_endpoints"."environment_id" is null;--> statement-breakpoint
CREATE INDEX "webhook_endpoints_order_in_environment" ON "webhook_endpoints" USING btree ("account_id","environment_id","created_at","id") WHERE "webhook_endpoints"."environment_id" is not null;--> statement-breakpoint
CREATE INDEX "webhook_endpoints_product" ON "webhook_endpoints" USING btree ("account_id","product_id");--> statement-breakpoint
CREATE INDEX "webhook_events_order" ON "webhook_events" USING btree ("account_id","created_at","id") WHERE "webhook_events"."environment_id" is null;--> statement-breakpoint
CREATE INDEX "webhook_events_order_in_environment" ON "webhook_events" USING btree ("account_id","environment_id","created_at","id") WHERE "webhook_events"."environment_id" is not null;--> statement-breakpoint
CREATE INDEX "webhook_events_event" ON "webhook_events" USING btree ("account_id","event");--> statement-breakpoint
CREATE INDEX "webhook_events_age" ON "webhook_events" USING btree ("created_at");