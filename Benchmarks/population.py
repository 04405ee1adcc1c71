"""Users and API keys in large numbers, as an installation has them: names repeat, some very often, and some never."""

import random
import unicodedata

# Half of all users are among the first ten.
FIRST_NAMES = """
Maria Anna Peter Michael Thomas Laura Daniel Sofía Andreas Julia Alexander Emma Lukas Elena David Lena Paul Sarah Martin
Nina Jan Eva Markus Clara Jonas Irène Felix Carla Simon Zoë Tobias Marta Oliver Alice Robert Helena Stefan Lucía Ahmed
Ingrid Matteo Yusuf Chloé Björn Amélie Rafał Katarzyna Giulia Luca Hanna Omar Fatima Jörg Paula Ivan Olga Ravi Priya Wei
Mei Kenji Yuki Kwame Amina Diego Camila Liam Noah Olivia Ava Ethan Isla Jack Grace Henry Ruby Oscar Ada Hugo Ines Leon
Nora Theo Vera Viktor Wanda Xaver Yara Zeno
""".split()
LAST_NAMES = """
Müller Schmidt Anderson García Rossi Silva Smith Johnson Novák Weber Kowalski Petrov Nguyen Dubois Jensen Kim Meyer Wagner
Becker Schulz Hoffmann Koch Bauer Richter Klein Wolf Schröder Neumann Schwarz Braun Zimmermann Krüger Hartmann Lange Werner
Krause Lehmann Köhler Maier König Huber Kaiser Fuchs Peters Lang Scholz Möller Weiß Jung Hahn Vogel Friedrich Keller
Günther Frank Berger Winkler Roth Beck Lorenz Baumann Franke Albrecht Schuster Simon Ludwig Böhm Winter Kraus Martin
Brown Jones Miller Davis Wilson Taylor Moore Clark Lewis Walker Hall Young King Wright Scott Green Baker Adams Nelson
Hill Campbell Mitchell Roberts Carter Phillips Evans Turner Parker Collins Edwards Stewart Morris Murphy Cook Rogers
Morgan Cooper Peterson Reed Bailey Bell Kelly Howard Ward Cox Diaz Richardson Wood Watson Brooks Bennett Gray James Reyes
Cruz Hughes Price Myers Long Foster Sanders Ross Morales Powell Sullivan Russell Ortiz Jenkins Gutierrez Perry Butler
Barnes Fisher Lovelace Turing Hopper Noether Curie Meitner Gauß Euler Bernoulli Ørsted Łukasiewicz Čapek Ångström Yılmaz
""".split()
# One in a hundred works at the partner's, where everybody is active.
DOMAINS = ["mail.example"] * 45 + ["post.example"] * 25 + ["inbox.example"] * 14 + ["partner.example"]
DOMAINS += [f"company-{number}.example" for number in range(1, 16)]

# Fields are hashed, not numbered: no two of them have anything to do with each other. Neighbours in time are strangers.
POPULATION = """
create function pg_temp.id(number bigint) returns uuid immutable language sql
    as $$ select ('01910000-0000-7000-8000-' || lpad(to_hex(number), 12, '0'))::uuid $$;
create function pg_temp.pick(number bigint, field integer, count integer) returns integer immutable language sql
    as $$ select ((hashint8extended(number, field) & 2147483647) % count)::integer $$;

create temporary table first_names (number integer primary key, name text, ascii text);
copy first_names from stdin;
{first_names}
\\.
create temporary table last_names (number integer primary key, name text, ascii text);
copy last_names from stdin;
{last_names}
\\.
create temporary table domains (number integer primary key, name text);
copy domains from stdin;
{domains}
\\.
analyze first_names, last_names, domains;

insert into roles (id, name, created_at, updated_at)
select pg_temp.id(n), 'role-' || n, now(), now() from generate_series(1, 20) n;

insert into role_permissions (role_id, permission_id, created_at)
select pg_temp.id(n), p.id, now()
from generate_series(1, 20) n, (select id, row_number() over (order by id) as number from permissions) p
where (n + p.number) % 3 = 0;

-- No triggers, nor the checks of foreign keys: search terms come below, for everybody at once.
set session_replication_role = replica;

insert into users (id, email, is_email_verified, display_name, is_active, created_at, updated_at)
select pg_temp.id(n), f.ascii || '.' || l.ascii || n || '@' || d.name, true, f.name || ' ' || l.name,
    d.name = 'partner.example' or pg_temp.pick(n, 4, 10) > 0,
    timestamptz '2020-01-01' + n * interval '2 minutes', timestamptz '2020-01-01' + n * interval '2 minutes'
from generate_series(1, {users}) n
join first_names f on f.number = pg_temp.pick(n, 1, 1000)
join last_names l on l.number = pg_temp.pick(n, 2, 1000)
join domains d on d.number = pg_temp.pick(n, 3, 100)
order by n;
update users set display_name = 'Xanthippe ' || display_name where id in (
    select pg_temp.id({users} / 4 * n) from generate_series(1, 3) n
);

insert into user_search_terms (user_id, term, shared, is_active)
select u.id, t.term, t.shared, u.is_active
from users u cross join user_search_terms_of(u.email, u.display_name) t;

-- Everybody is a user, a third has role-1, a sixth role-2, … and a hundred, whatever the size, role-20.
insert into user_roles (user_id, role_id, created_at)
select u.id, r.id, now() from users u join roles r on r.name = 'user' order by u.id;
insert into user_roles (user_id, role_id, created_at)
select pg_temp.id(n), pg_temp.id(role), now()
from generate_series(1, {users}) n
cross join generate_series(1, 20) role
where case role when 20 then n % ({users} / 100) = 0 else pg_temp.pick(n, 10 + role, 3 * role) = 0 end;

-- Every tenth key is revoked, and a hundred, whatever the size, are the first user's.
insert into api_keys (id, owner_id, name, prefix, last_four, secret_hash, created_at, revoked_at)
select pg_temp.id(n), pg_temp.id(1 + case when n % ({users} / 100) = 0 then 0 else pg_temp.pick(n, 40, {users}) end),
    'deployment', 'pst', 'abcd', sha256(n::text::bytea), now(), case when pg_temp.pick(n, 41, 10) = 0 then now() end
from generate_series(1, {users}) n;
insert into api_key_roles (api_key_id, role_id)
select pg_temp.id(n), pg_temp.id(1 + pg_temp.pick(n, 42, 20)) from generate_series(1, {users}) n;
insert into api_key_permissions (api_key_id, permission_id)
select pg_temp.id(n), p.id
from generate_series(1, {users}) n
join (select id, row_number() over (order by id) as number from permissions) p
    on p.number = 1 + pg_temp.pick(n, 43, 11);

insert into user_roles (user_id, role_id, created_at)
select pg_temp.id(1), id, now() from roles where name = 'admin';
insert into sign_in_links (token_hash, user_id, expires_at)
select '\\x{link_hash}', pg_temp.id(1), now() + interval '1 hour';

-- With synchronous_commit off, the first vacuum is too early for some pages to be marked as visible to everybody.
vacuum (freeze);
vacuum (freeze, analyze);
"""


def populate(database, users, link_hash):
    """Makes users and as many keys; the first user is an administrator and gets the sign-in link with this hash."""
    rows = {
        "first_names": _named_rows(FIRST_NAMES),
        "last_names": _named_rows(LAST_NAMES),
        "domains": "\n".join(f"{number}\t{name}" for number, name in enumerate(DOMAINS)),
    }
    # At work meanwhile, one would hide rows from the vacuum at the end.
    database.run("alter system set autovacuum = off")
    database.run("select pg_reload_conf()")
    database.run(POPULATION.format(users=users, link_hash=link_hash, **rows))


def _named_rows(names):
    """A thousand rows, in which a name stands as often as its place allows (Zipf's law)."""
    weights = [1 / (place + 1) for place in range(1, len(names) + 1)]
    chosen = random.Random(0).choices(names, weights, k=1000)
    return "\n".join(f"{number}\t{name}\t{_ascii(name)}" for number, name in enumerate(chosen))


def _ascii(name):
    decomposed = unicodedata.normalize("NFKD", name.lower().translate(str.maketrans("øłßı", "olsi")))
    return decomposed.encode("ascii", "ignore").decode()
