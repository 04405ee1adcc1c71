-- migrate:up
create table roles (
    id uuid constraint roles_pkey primary key,
    name text not null,
    description text not null default '',
    is_built_in boolean not null default false,
    grants_all_permissions boolean not null default false,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint roles_name_key unique (name),
    constraint roles_name_check check (name ~ '^[a-z][a-z0-9_.-]{0,63}$'),
    constraint roles_description_check check (length(description) <= 500)
);
comment on table roles is 'Named sets of permissions that users and API keys hold.';
comment on column roles.is_built_in is 'Every installation has it; it can neither be renamed nor deleted.';
comment on column roles.grants_all_permissions is 'Holds every permission there is, also those created later.';

create table permissions (
    id uuid constraint permissions_pkey primary key,
    resource text not null,
    action text not null,
    name text not null generated always as (resource || ':' || action) stored,
    description text not null default '',
    is_built_in boolean not null default false,
    created_at timestamptz not null,
    -- Neither part can hold a colon, so this is also what keeps (resource, action) unique.
    constraint permissions_name_key unique (name),
    constraint permissions_resource_check check (resource ~ '^[a-z][a-z0-9_.-]{0,63}$'),
    constraint permissions_action_check check (action ~ '^[a-z][a-z0-9_.-]{0,63}$'),
    constraint permissions_description_check check (length(description) <= 500)
);
comment on table permissions is 'What may be done: an action on a kind of resource.';
comment on column permissions.name is 'resource:action, as tokens and rules write it.';
comment on column permissions.is_built_in is 'The API itself asks for it; it cannot be deleted.';

-- A permission that a role gives cannot be deleted: nobody loses rights by surprise.
create table role_permissions (
    role_id uuid not null
        constraint role_permissions_role_id_fkey references roles on delete cascade,
    permission_id uuid not null
        constraint role_permissions_permission_id_fkey references permissions on delete restrict,
    created_at timestamptz not null,
    constraint role_permissions_pkey primary key (role_id, permission_id)
);
comment on table role_permissions is 'The permissions that come with a role.';

create index role_permissions_permission_id_idx on role_permissions (permission_id);

-- A role that a user holds cannot be deleted.
create table user_roles (
    user_id uuid not null
        constraint user_roles_user_id_fkey references users on delete cascade,
    role_id uuid not null
        constraint user_roles_role_id_fkey references roles on delete restrict,
    created_at timestamptz not null,
    constraint user_roles_pkey primary key (user_id, role_id)
);
comment on table user_roles is 'The roles that a user holds.';

create index user_roles_role_id_idx on user_roles (role_id);

-- migrate:down
drop table user_roles;
drop table role_permissions;
drop table permissions;
drop table roles;
