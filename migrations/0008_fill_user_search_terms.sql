-- migrate:up

-- The trigger is there since the file before, so this is about users who have not changed since. They are locked: one
-- who changes at this moment waits, instead of keeping the terms of what was before.
with present as materialized (
    select u.id, u.email, u.display_name, u.is_active
    from users u
    where not exists (select from user_search_terms t where t.user_id = u.id)
    for share of u
)
insert into user_search_terms (user_id, term, shared, is_active)
select p.id, t.term, t.shared, p.is_active
from present p
cross join user_search_terms_of(p.email, p.display_name) t
on conflict (user_id, term) do nothing;

-- migrate:down
delete from user_search_terms;
