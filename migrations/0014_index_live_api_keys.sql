-- migrate:up transaction:false
create index concurrently api_keys_id_live_idx on api_keys (id) where revoked_at is null;

-- migrate:down
drop index api_keys_id_live_idx;
