-- migrate:up transaction:false
create index concurrently refresh_tokens_expires_at_idx on refresh_tokens (expires_at);

-- migrate:down
drop index refresh_tokens_expires_at_idx;
