-- migrate:up transaction:false
create index concurrently users_is_active_id_idx on users (is_active, id);

-- migrate:down
drop index users_is_active_id_idx;
