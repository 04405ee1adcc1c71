-- migrate:up transaction:false
-- A session is over when it was ended or by its age, whichever comes first.
create index concurrently sessions_over_idx on sessions (least(ended_at, expires_at));

-- migrate:down
drop index sessions_over_idx;
