-- migrate:up
create table idempotency_keys (
    key_hash bytea constraint idempotency_keys_pkey primary key,
    fingerprint bytea not null,
    sealed_reply text,
    expires_at timestamptz not null,
    constraint idempotency_keys_key_hash_check check (octet_length(key_hash) = 32),
    constraint idempotency_keys_fingerprint_check check (octet_length(fingerprint) = 32)
);
comment on table idempotency_keys is 'Answers to requests that may be sent again. Key, change and answer are one transaction.';
comment on column idempotency_keys.key_hash is 'Hash of the caller and the caller''s Idempotency-Key.';
comment on column idempotency_keys.fingerprint is 'SHA-256 of the request: another request under the same key is a mistake.';
comment on column idempotency_keys.sealed_reply is 'The answer, encrypted under a key derived from POSTERN_SECRET; null while the request runs.';
comment on column idempotency_keys.expires_at is 'From then on the key is free again, and the row can go.';

create index idempotency_keys_expires_at_idx on idempotency_keys (expires_at);

-- migrate:down
drop table idempotency_keys;
