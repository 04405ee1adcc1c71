-- migrate:up

-- 0024 gave users whose name is their address their terms anew before it locked the table. Whoever was written between the two
-- has them from the function of before, which left out most. Nobody is written with that function any more, so that only
-- those few are locked.
do $$
declare
    named record;
begin
    for named in
        select u.id, u.email, u.display_name, u.is_active
        from users u
        where u.email = lower(u.display_name) and exists (
            select t.term, t.shared from user_search_terms_of(u.email, u.display_name) t
            except
            select t.term, t.shared from user_search_terms t where t.user_id = u.id
        )
        for share of u
    loop
        delete from user_search_terms where user_id = named.id;
        insert into user_search_terms (user_id, term, shared, is_active)
        select named.id, t.term, t.shared, named.is_active
        from user_search_terms_of(named.email, named.display_name) t;
    end loop;
end
$$;

-- migrate:down
-- What is mended was wrong before, too.
select 1;
