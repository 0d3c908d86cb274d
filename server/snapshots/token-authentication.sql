select found.*, asked.nth
from unnest($1::text::text[], $2::text::text[]) with ordinality as asked("account",
  "wanted", nth)
cross join lateral (select "tokens"."id",
  "tokens"."environment_id",
  "tokens"."digest",
  "tokens"."expiry",
  "tokens"."permissions",
  "users"."id",
  "users"."role",
  "users"."environment_id",
  "users"."permissions",
  "users"."banned_at",
  "users"."email",
  "users"."group_id",
  "licenses"."id",
  "licenses"."environment_id",
  "licenses"."permissions",
  "licenses"."group_id",
  "licenses"."product_id",
  "licenses"."policy_id",
  "licenses"."owner_id",
  "licenses"."suspended",
  "licenses"."expiry",
  "policies"."id",
  "policies"."authentication_strategy",
  "policies"."expiration_strategy",
  "owner"."id",
  "owner"."permissions",
  "owner"."banned_at",
  "products"."id",
  "products"."environment_id",
  "products"."permissions",
  "environments"."id",
  "environments"."permissions"
from "tokens"
left join "users" on ("tokens"."bearer_type" = 'user' and "users"."account_id" = "tokens"."account_id" and "users"."id" = "tokens"."bearer_id")
left join "licenses" on ("tokens"."bearer_type" = 'license' and "licenses"."account_id" = "tokens"."account_id" and "licenses"."id" = "tokens"."bearer_id")
left join "policies" on ("policies"."account_id" = "licenses"."account_id" and "policies"."id" = "licenses"."policy_id")
left join "users" "owner" on ("owner"."account_id" = "licenses"."account_id" and "owner"."id" = "licenses"."owner_id")
left join "products" on ("tokens"."bearer_type" = 'product' and "products"."account_id" = "tokens"."account_id" and "products"."id" = "tokens"."bearer_id")
left join "environments" on ("tokens"."bearer_type" = 'environment' and "environments"."account_id" = "tokens"."account_id" and "environments"."id" = "tokens"."bearer_id")
where ("tokens"."account_id" = asked."account"::uuid and "tokens"."digest" = asked."wanted"::text)) found;
