select found.*, asked.nth
from unnest($1::text::text[], $2::text::text[]) with ordinality as asked("account",
  "key", nth)
cross join lateral (select "licenses"."id",
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
  "owner"."banned_at"
from "licenses"
inner join "policies" on ("policies"."account_id" = "licenses"."account_id" and "policies"."id" = "licenses"."policy_id")
left join "users" "owner" on ("owner"."account_id" = "licenses"."account_id" and "owner"."id" = "licenses"."owner_id")
where ("licenses"."account_id" = asked."account"::uuid and (md5("licenses"."key") = md5(asked."key"::text) and "licenses"."key" = asked."key"::text) and "policies"."encrypted" = false)) found;
