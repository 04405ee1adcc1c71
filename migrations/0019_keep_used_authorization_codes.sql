-- migrate:up
alter table authorization_codes
    add column used_at timestamptz,
    add column session_id uuid,
    add constraint authorization_codes_session_id_check check ((session_id is null) = (used_at is null));
comment on table authorization_codes is 'One-time codes that sign-ins returned to apps with. A used one stays until it expires: shown again, it ends its session.';
comment on column authorization_codes.session_id is 'The session that the code was used for; no reference, because it is opened after that, and not at all when the verifier is wrong.';

-- migrate:down
comment on table authorization_codes is 'One-time codes that sign-ins returned to apps with; swapping one deletes its row.';
-- To a release that deletes what is used, these would be new.
delete from authorization_codes where used_at is not null;
alter table authorization_codes
    drop column session_id,
    drop column used_at;
