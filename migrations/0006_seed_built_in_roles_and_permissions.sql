-- migrate:up
insert into roles (id, name, description, is_built_in, grants_all_permissions, created_at, updated_at)
values
    ('01900000-0000-7000-8000-000000000001', 'admin', 'Every permission there is, also those created later.',
        true, true, now(), now()),
    ('01900000-0000-7000-8000-000000000002', 'user', 'What the first sign-in gives: nothing beyond oneself.',
        true, false, now(), now());

insert into permissions (id, resource, action, description, is_built_in, created_at)
values
    ('01900000-0000-7000-8000-000000000101', 'users', 'read', 'See every user.', true, now()),
    ('01900000-0000-7000-8000-000000000102', 'users', 'write', 'Create and change users.', true, now()),
    ('01900000-0000-7000-8000-000000000103', 'users', 'delete', 'Delete users.', true, now()),
    ('01900000-0000-7000-8000-000000000104', 'roles', 'read', 'See every role.', true, now()),
    ('01900000-0000-7000-8000-000000000105', 'roles', 'write', 'Create and change roles.', true, now()),
    ('01900000-0000-7000-8000-000000000106', 'roles', 'delete', 'Delete roles.', true, now()),
    ('01900000-0000-7000-8000-000000000107', 'roles', 'assign', 'Give roles to users and take them away.', true, now()),
    ('01900000-0000-7000-8000-000000000108', 'permissions', 'read', 'See every permission.', true, now()),
    ('01900000-0000-7000-8000-000000000109', 'permissions', 'write', 'Create and delete permissions.', true, now()),
    ('01900000-0000-7000-8000-00000000010a', 'api_keys', 'manage', 'See, change and end everyone''s API keys.', true,
        now()),
    ('01900000-0000-7000-8000-00000000010b', 'tokens', 'introspect', 'Ask whether a token is valid.', true, now());

-- migrate:down
delete from permissions where is_built_in;
delete from roles where is_built_in;
