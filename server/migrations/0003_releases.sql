CREATE TABLE "arches" (
	"id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"name" text,
	"key" text NOT NULL,
	CONSTRAINT "arches_pkey" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
CREATE TABLE "artifacts" (
	"id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"environment_id" uuid,
	"release_id" uuid NOT NULL,
	"product_id" uuid NOT NULL,
	"platform_id" uuid,
	"arch_id" uuid,
	"filetype_id" uuid,
	"filename" text NOT NULL,
	"filesize" bigint,
	"signature" text,
	"checksum" text,
	"status" text NOT NULL,
	"backend" text NOT NULL,
	"content_length" bigint,
	"content_type" text,
	"etag" text,
	"metadata" jsonb DEFAULT '{}' NOT NULL,
	CONSTRAINT "artifacts_pkey" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
CREATE TABLE "channels" (
	"id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"name" text,
	"key" text NOT NULL,
	CONSTRAINT "channels_pkey" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
CREATE TABLE "constraints" (
	"id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"environment_id" uuid,
	"release_id" uuid NOT NULL,
	"entitlement_id" uuid NOT NULL,
	CONSTRAINT "constraints_pkey" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
CREATE TABLE "engines" (
	"id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"name" text,
	"key" text NOT NULL,
	CONSTRAINT "engines_pkey" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
CREATE TABLE "filetypes" (
	"id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"name" text,
	"key" text NOT NULL,
	CONSTRAINT "filetypes_pkey" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
CREATE TABLE "packages" (
	"id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"environment_id" uuid,
	"product_id" uuid NOT NULL,
	"engine_id" uuid,
	"name" text NOT NULL,
	"key" text NOT NULL,
	"metadata" jsonb DEFAULT '{}' NOT NULL,
	CONSTRAINT "packages_pkey" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
CREATE TABLE "platforms" (
	"id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"name" text,
	"key" text NOT NULL,
	CONSTRAINT "platforms_pkey" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
CREATE TABLE "releases" (
	"id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"environment_id" uuid,
	"product_id" uuid NOT NULL,
	"package_id" uuid,
	"channel_id" uuid NOT NULL,
	"name" text,
	"description" text,
	"status" text NOT NULL,
	"tag" text,
	"version" text NOT NULL,
	"semver_major" bigint NOT NULL,
	"semver_minor" bigint NOT NULL,
	"semver_patch" bigint NOT NULL,
	"semver_pre_word" text collate "C",
	"semver_pre_num" bigint,
	"semver_build_word" text collate "C",
	"semver_build_num" bigint,
	"backdated_at" timestamp (3) with time zone,
	"yanked_at" timestamp (3) with time zone,
	"api_version" text NOT NULL,
	"download_count" bigint DEFAULT 0 NOT NULL,
	"upgrade_count" bigint DEFAULT 0 NOT NULL,
	"metadata" jsonb DEFAULT '{}' NOT NULL,
	CONSTRAINT "releases_pkey" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
ALTER TABLE "artifacts" ADD CONSTRAINT "artifacts_release" FOREIGN KEY ("account_id","release_id") REFERENCES "public"."releases"("account_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "artifacts" ADD CONSTRAINT "artifacts_platform" FOREIGN KEY ("account_id","platform_id") REFERENCES "public"."platforms"("account_id","id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "artifacts" ADD CONSTRAINT "artifacts_arch" FOREIGN KEY ("account_id","arch_id") REFERENCES "public"."arches"("account_id","id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "artifacts" ADD CONSTRAINT "artifacts_filetype" FOREIGN KEY ("account_id","filetype_id") REFERENCES "public"."filetypes"("account_id","id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "constraints" ADD CONSTRAINT "constraints_release" FOREIGN KEY ("account_id","release_id") REFERENCES "public"."releases"("account_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "constraints" ADD CONSTRAINT "constraints_entitlement" FOREIGN KEY ("account_id","entitlement_id") REFERENCES "public"."entitlements"("account_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "packages" ADD CONSTRAINT "packages_engine" FOREIGN KEY ("account_id","engine_id") REFERENCES "public"."engines"("account_id","id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "releases" ADD CONSTRAINT "releases_channel" FOREIGN KEY ("account_id","channel_id") REFERENCES "public"."channels"("account_id","id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "arches_order" ON "arches" USING btree ("account_id","created_at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "arches_key" ON "arches" USING btree ("account_id",md5("key"));--> statement-breakpoint
CREATE INDEX "artifacts_order" ON "artifacts" USING btree ("account_id","created_at","id") WHERE "artifacts"."environment_id" is null;--> statement-breakpoint
CREATE INDEX "artifacts_order_in_environment" ON "artifacts" USING btree ("account_id","environment_id","created_at","id") WHERE "artifacts"."environment_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "artifacts_filename" ON "artifacts" USING btree ("account_id","release_id","filename");--> statement-breakpoint
CREATE INDEX "artifacts_by_filename" ON "artifacts" USING btree ("account_id","filename");--> statement-breakpoint
CREATE INDEX "artifacts_by_checksum" ON "artifacts" USING btree ("account_id",md5("checksum"),"product_id") WHERE "artifacts"."checksum" is not null;--> statement-breakpoint
CREATE INDEX "artifacts_product" ON "artifacts" USING btree ("account_id","product_id","created_at");--> statement-breakpoint
CREATE INDEX "artifacts_by_platform" ON "artifacts" USING btree ("account_id","platform_id");--> statement-breakpoint
CREATE INDEX "artifacts_by_arch" ON "artifacts" USING btree ("account_id","arch_id");--> statement-breakpoint
CREATE INDEX "artifacts_by_filetype" ON "artifacts" USING btree ("account_id","filetype_id");--> statement-breakpoint
CREATE INDEX "artifacts_metadata" ON "artifacts" USING gin ("metadata" jsonb_path_ops);--> statement-breakpoint
CREATE INDEX "channels_order" ON "channels" USING btree ("account_id","created_at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "channels_key" ON "channels" USING btree ("account_id",md5("key"));--> statement-breakpoint
CREATE INDEX "constraints_order" ON "constraints" USING btree ("account_id","created_at","id") WHERE "constraints"."environment_id" is null;--> statement-breakpoint
CREATE INDEX "constraints_order_in_environment" ON "constraints" USING btree ("account_id","environment_id","created_at","id") WHERE "constraints"."environment_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "constraints_pair" ON "constraints" USING btree ("account_id","release_id","entitlement_id");--> statement-breakpoint
CREATE INDEX "constraints_by_entitlement" ON "constraints" USING btree ("account_id","entitlement_id");--> statement-breakpoint
CREATE INDEX "engines_order" ON "engines" USING btree ("account_id","created_at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "engines_key" ON "engines" USING btree ("account_id",md5("key"));--> statement-breakpoint
CREATE INDEX "filetypes_order" ON "filetypes" USING btree ("account_id","created_at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "filetypes_key" ON "filetypes" USING btree ("account_id",md5("key"));--> statement-breakpoint
CREATE INDEX "packages_order" ON "packages" USING btree ("account_id","created_at","id") WHERE "packages"."environment_id" is null;--> statement-breakpoint
CREATE INDEX "packages_order_in_environment" ON "packages" USING btree ("account_id","environment_id","created_at","id") WHERE "packages"."environment_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "packages_key" ON "packages" USING btree ("account_id","key");--> statement-breakpoint
CREATE INDEX "packages_product" ON "packages" USING btree ("account_id","product_id","created_at");--> statement-breakpoint
CREATE INDEX "packages_by_engine" ON "packages" USING btree ("account_id","engine_id");--> statement-breakpoint
CREATE INDEX "packages_metadata" ON "packages" USING gin ("metadata" jsonb_path_ops);--> statement-breakpoint
CREATE INDEX "platforms_order" ON "platforms" USING btree ("account_id","created_at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "platforms_key" ON "platforms" USING btree ("account_id",md5("key"));--> statement-breakpoint
CREATE INDEX "releases_order" ON "releases" USING btree ("account_id","created_at","id") WHERE "releases"."environment_id" is null;--> statement-breakpoint
CREATE INDEX "releases_order_in_environment" ON "releases" USING btree ("account_id","environment_id","created_at","id") WHERE "releases"."environment_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "releases_version" ON "releases" USING btree ("account_id","product_id",coalesce("package_id", "product_id"),md5("version")) WHERE "releases"."api_version" <> '1.0';--> statement-breakpoint
CREATE UNIQUE INDEX "releases_tag" ON "releases" USING btree ("account_id","product_id",coalesce("package_id", "product_id"),"tag");--> statement-breakpoint
CREATE INDEX "releases_by_version" ON "releases" USING btree ("account_id",md5("version"),"product_id");--> statement-breakpoint
CREATE INDEX "releases_by_tag" ON "releases" USING btree ("account_id","tag");--> statement-breakpoint
CREATE INDEX "releases_product" ON "releases" USING btree ("account_id","product_id","created_at");--> statement-breakpoint
CREATE INDEX "releases_highest" ON "releases" USING btree ("account_id","product_id","semver_major","semver_minor","semver_patch");--> statement-breakpoint
CREATE INDEX "releases_package" ON "releases" USING btree ("account_id","package_id");--> statement-breakpoint
CREATE INDEX "releases_by_channel" ON "releases" USING btree ("account_id","channel_id");--> statement-breakpoint
CREATE INDEX "releases_metadata" ON "releases" USING gin ("metadata" jsonb_path_ops);