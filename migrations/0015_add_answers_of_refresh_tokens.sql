-- migrate:up
alter table refresh_tokens
    add column replaces bytea,
    add column sealed_pair bytea;
comment on column refresh_tokens.replaces is 'token_hash of the predecessor; null for the first one of a session.';
comment on column refresh_tokens.sealed_pair is 'What was given for the token, for clients that lost the answer: encrypted under a key that only the token itself gives, and removed when the successor is used.';

alter table sessions add column address inet;
comment on column sessions.address is 'From where the session was last used.';

-- migrate:down
alter table sessions drop column address;
alter table refresh_tokens
    drop column replaces,
    drop column sealed_pair;
