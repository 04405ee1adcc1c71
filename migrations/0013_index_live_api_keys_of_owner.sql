-- migrate:up transaction:false
create index concurrently api_keys_owner_id_id_live_idx on api_keys (owner_id, id) where revoked_at is null;

-- migrate:down
drop index api_keys_owner_id_id_live_idx;
