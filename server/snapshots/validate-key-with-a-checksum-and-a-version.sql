select found.*, asked.nth
from unnest($1::text::text[], $2::text::text[]) with ordinality as asked("account",
  "key", nth)
cross join lateral (select "licenses"."id",
  "licenses"."account_id",
  "licenses"."created_at",
  "licenses"."updated_at",
  "licenses"."environment_id",
  "licenses"."policy_id",
  "licenses"."product_id",
  "licenses"."owner_id",
  "licenses"."group_id",
  "licenses"."name",
  "licenses"."key",
  "licenses"."expiry",
  "licenses"."suspended",
  "licenses"."protected",
  "licenses"."uses",
  "licenses"."max_machines",
  "licenses"."max_processes",
  "licenses"."max_users",
  "licenses"."max_cores",
  "licenses"."max_memory",
  "licenses"."max_disk",
  "licenses"."max_uses",
  "licenses"."users_count",
  "licenses"."machines_count",
  "licenses"."machines_core_count",
  "licenses"."machines_memory",
  "licenses"."machines_disk",
  "licenses"."last_validated_at",
  "licenses"."last_validated_checksum",
  "licenses"."last_validated_version",
  "licenses"."last_check_in_at",
  "licenses"."last_check_out_at",
  "licenses"."last_expiration_event_sent_at",
  "licenses"."last_expiring_soon_event_sent_at",
  "licenses"."last_check_in_event_sent_at",
  "licenses"."last_check_in_soon_event_sent_at",
  "licenses"."permissions",
  "licenses"."metadata", row("policies"."id",
  "policies"."account_id",
  "policies"."created_at",
  "policies"."updated_at",
  "policies"."environment_id",
  "policies"."product_id",
  "policies"."name",
  "policies"."duration",
  "policies"."strict",
  "policies"."floating",
  "policies"."scheme",
  "policies"."encrypted",
  "policies"."use_pool",
  "policies"."protected",
  "policies"."max_machines",
  "policies"."max_processes",
  "policies"."max_users",
  "policies"."max_cores",
  "policies"."max_memory",
  "policies"."max_disk",
  "policies"."max_uses",
  "policies"."machine_uniqueness_strategy",
  "policies"."machine_matching_strategy",
  "policies"."component_uniqueness_strategy",
  "policies"."component_matching_strategy",
  "policies"."expiration_strategy",
  "policies"."expiration_basis",
  "policies"."renewal_basis",
  "policies"."transfer_strategy",
  "policies"."authentication_strategy",
  "policies"."machine_leasing_strategy",
  "policies"."process_leasing_strategy",
  "policies"."overage_strategy",
  "policies"."require_product_scope",
  "policies"."require_policy_scope",
  "policies"."require_machine_scope",
  "policies"."require_fingerprint_scope",
  "policies"."require_components_scope",
  "policies"."require_user_scope",
  "policies"."require_checksum_scope",
  "policies"."require_version_scope",
  "policies"."require_environment_scope",
  "policies"."require_check_in",
  "policies"."check_in_interval",
  "policies"."check_in_interval_count",
  "policies"."require_heartbeat",
  "policies"."heartbeat_duration",
  "policies"."heartbeat_cull_strategy",
  "policies"."heartbeat_resurrection_strategy",
  "policies"."heartbeat_basis",
  "policies"."metadata")::text,
  "license_owner"."id",
  "license_owner"."account_id",
  "license_owner"."created_at",
  "license_owner"."updated_at",
  "license_owner"."environment_id",
  "license_owner"."first_name",
  "license_owner"."last_name",
  "license_owner"."email",
  "license_owner"."role",
  "license_owner"."permissions",
  "license_owner"."password_digest",
  "license_owner"."password_reset_digest",
  "license_owner"."password_reset_sent_at",
  "license_owner"."banned_at",
  "license_owner"."group_id",
  "license_owner"."metadata",
  "license_owner"."sso_profile_id",
  "license_owner"."sso_connection_id",
  "license_owner"."sso_idp_id", row("environments"."id",
  "environments"."account_id",
  "environments"."created_at",
  "environments"."updated_at",
  "environments"."name",
  "environments"."code",
  "environments"."isolation_strategy",
  "environments"."permissions")::text
from "licenses"
inner join "policies" on ("policies"."account_id" = "licenses"."account_id" and "policies"."id" = "licenses"."policy_id")
left join "users" "license_owner" on ("license_owner"."account_id" = "licenses"."account_id" and "license_owner"."id" = "licenses"."owner_id")
left join "environments" on ("environments"."account_id" = "licenses"."account_id" and "environments"."id" = "licenses"."environment_id")
where ("licenses"."account_id" = asked."account"::uuid and (md5("licenses"."key") = md5(asked."key"::text) and "licenses"."key" = asked."key"::text) and "policies"."encrypted" = false)
order by "licenses"."created_at" asc,
  "licenses"."id" asc
limit 1) found;

select found.*, asked.nth
from unnest($1::text::text[], $2::text::text[], $3::text::text[], $4::text::text[], $5::text::text[], $6::text::text[], $7::text::text[], $8::text::text[]) with ordinality as asked("account",
  "product",
  "until",
  "license",
  "policy",
  "checksum",
  "fingerprints",
  "version", nth)
cross join lateral (select (select "releases"."version"
from "artifacts"
join "releases" on "releases"."account_id" = "artifacts"."account_id" and "releases"."id" = "artifacts"."release_id"
join "products" on "products"."account_id" = "releases"."account_id" and "products"."id" = "releases"."product_id"
where "releases"."account_id" = asked."account"::uuid and "releases"."product_id" = asked."product"::uuid and "releases"."status" = 'PUBLISHED' and ( ("products"."distribution_strategy" = 'OPEN' and not exists (select 1
from "constraints"
where "constraints"."account_id" = "releases"."account_id" and "constraints"."release_id" = "releases"."id")) or (coalesce("products"."distribution_strategy", 'LICENSED') in ('LICENSED', 'OPEN') and ("releases"."created_at" <= asked."until"::timestamptz or "releases"."backdated_at" <= asked."until"::timestamptz) and not exists (select 1
from "constraints"
where "constraints"."account_id" = "releases"."account_id" and "constraints"."release_id" = "releases"."id" and not (exists (select 1
from "license_entitlements"
where "license_entitlements"."account_id" = asked."account"::uuid and "license_entitlements"."license_id" = asked."license"::uuid and "license_entitlements"."entitlement_id" = "constraints"."entitlement_id") or exists (select 1
from "policy_entitlements"
where "policy_entitlements"."account_id" = asked."account"::uuid and "policy_entitlements"."policy_id" = asked."policy"::uuid and "policy_entitlements"."entitlement_id" = "constraints"."entitlement_id"))))) and "artifacts"."account_id" = asked."account"::uuid and "artifacts"."product_id" = asked."product"::uuid and (md5("artifacts"."checksum") = md5(asked."checksum"::text) and "artifacts"."checksum" = asked."checksum"::text) and "artifacts"."status" = 'UPLOADED'
order by "releases"."semver_major" desc,
  "releases"."semver_minor" desc,
  "releases"."semver_patch" desc,
  "releases"."semver_pre_word" desc,
  "releases"."semver_pre_num" desc nulls last,
  "releases"."semver_build_word" desc nulls last,
  "releases"."semver_build_num" desc nulls last,
  "artifacts"."created_at" desc,
  "artifacts"."id" desc
limit 1) as "checksum", (select coalesce(json_agg(json_build_object('id',
  "machines"."id", 'createdAt',
  "machines"."created_at", 'lastHeartbeatAt',
  "machines"."last_heartbeat_at", 'maxProcesses',
  "machines"."max_processes", 'owner', case when "machine_owner"."id" is not null then json_build_object('id',
  "machine_owner"."id", 'email',
  "machine_owner"."email") end)
order by "machines"."created_at",
  "machines"."id"), '[]')
from "machines"
left join "users" machine_owner on "machine_owner"."account_id" = "machines"."account_id" and "machine_owner"."id" = "machines"."owner_id"
where "machines"."account_id" = asked."account"::uuid and "machines"."id" = any(array(select m.id
from (select asked."license"::uuid as license_id, unnest(asked."fingerprints"::text[]) as fingerprint offset 0) given
join "machines" m on m.account_id = asked."account"::uuid and m.license_id = given.license_id and md5(m.fingerprint) = md5(given.fingerprint) and m.fingerprint = given.fingerprint))) as "fingerprints", exists (select 1
from "releases"
join "products" on "products"."account_id" = "releases"."account_id" and "products"."id" = "releases"."product_id"
where "releases"."account_id" = asked."account"::uuid and "releases"."product_id" = asked."product"::uuid and "releases"."status" = 'PUBLISHED' and ( ("products"."distribution_strategy" = 'OPEN' and not exists (select 1
from "constraints"
where "constraints"."account_id" = "releases"."account_id" and "constraints"."release_id" = "releases"."id")) or (coalesce("products"."distribution_strategy", 'LICENSED') in ('LICENSED', 'OPEN') and ("releases"."created_at" <= asked."until"::timestamptz or "releases"."backdated_at" <= asked."until"::timestamptz) and not exists (select 1
from "constraints"
where "constraints"."account_id" = "releases"."account_id" and "constraints"."release_id" = "releases"."id" and not (exists (select 1
from "license_entitlements"
where "license_entitlements"."account_id" = asked."account"::uuid and "license_entitlements"."license_id" = asked."license"::uuid and "license_entitlements"."entitlement_id" = "constraints"."entitlement_id") or exists (select 1
from "policy_entitlements"
where "policy_entitlements"."account_id" = asked."account"::uuid and "policy_entitlements"."policy_id" = asked."policy"::uuid and "policy_entitlements"."entitlement_id" = "constraints"."entitlement_id"))))) and (md5("releases"."version") = md5(asked."version"::text) and "releases"."version" = asked."version"::text)) as "version"
from (select 1) as one) found;
