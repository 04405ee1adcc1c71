-- migrate:up

-- First, because it needs no strong lock: the check of the migration before.
alter table revocations validate constraint revocations_kind_check;

-- With a constant default, which rewrites no row. As last_used_at it is written all the time: never index it.
alter table api_keys add column use_count bigint not null default 0;
comment on column api_keys.use_count is 'Uses, written in batches, so it lags. Never index it.';

-- migrate:down
alter table api_keys drop column use_count;
