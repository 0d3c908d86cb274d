with due as materialized ( select due.account_id, due.id, due.dead
from "policies"
cross join lateral ( select "machines"."account_id",
  "machines"."id", coalesce("machines"."last_heartbeat_at",
  "machines"."created_at") < ($1::timestamptz - make_interval(secs => coalesce("policies"."heartbeat_duration", 600))) as dead
from "machines"
where "machines"."account_id" = "policies"."account_id" and "machines"."policy_id" = "policies"."id" and "machines"."heartbeat_monitor_id" is null and "machines"."known_heartbeat_at" is not null and "machines"."known_heartbeat_at" < ($2::timestamptz - make_interval(secs => coalesce("policies"."heartbeat_duration", 600)))
order by "machines"."known_heartbeat_at"
limit 500
for update skip locked ) as due
limit 500 ) update "machines" as claimed
set known_heartbeat_at = claimed.last_heartbeat_at, heartbeat_monitor_id = case when due.dead then gen_random_uuid() end
from due
where claimed.account_id = due.account_id and claimed.id = due.id and claimed.id = any(array(select id
from due))
returning claimed.account_id, claimed.id, claimed.heartbeat_monitor_id;

with due as materialized ( select due.account_id, due.id, due.dead
from "policies"
cross join lateral ( select "machines"."account_id",
  "machines"."id", coalesce("machines"."last_heartbeat_at",
  "machines"."created_at") < ($1::timestamptz - make_interval(secs => coalesce("policies"."heartbeat_duration", 600))) as dead
from "machines"
where "machines"."account_id" = "policies"."account_id" and "machines"."policy_id" = "policies"."id" and "machines"."heartbeat_monitor_id" is null and "machines"."known_heartbeat_at" is null and "policies"."require_heartbeat" and "machines"."created_at" < ($2::timestamptz - make_interval(secs => coalesce("policies"."heartbeat_duration", 600)))
order by "machines"."created_at"
limit 500
for update skip locked ) as due
limit 500 ) update "machines" as claimed
set known_heartbeat_at = claimed.last_heartbeat_at, heartbeat_monitor_id = case when due.dead then gen_random_uuid() end
from due
where claimed.account_id = due.account_id and claimed.id = due.id and claimed.id = any(array(select id
from due))
returning claimed.account_id, claimed.id, claimed.heartbeat_monitor_id;
