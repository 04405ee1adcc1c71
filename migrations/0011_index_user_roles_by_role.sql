-- migrate:up transaction:false
create index concurrently user_roles_role_id_user_id_idx on user_roles (role_id, user_id);

-- migrate:down
drop index user_roles_role_id_user_id_idx;
