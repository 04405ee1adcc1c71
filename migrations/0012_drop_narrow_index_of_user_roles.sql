-- migrate:up

-- The index on (role_id, user_id) does all that this one did.
drop index user_roles_role_id_idx;

-- migrate:down
create index user_roles_role_id_idx on user_roles (role_id);
