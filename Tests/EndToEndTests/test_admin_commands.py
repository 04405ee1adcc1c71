"""`postern users`, `roles`, `permissions`, `keys` and `completions`, as administrators and their scripts use them."""

import json
import re
import subprocess
import uuid

import pytest

from support.database import Database
from support.postern import EXECUTABLE, Postern, new_secret
from support.terminal import run_on_terminal

DONE, FAILED, USAGE, BAD_CONFIGURATION = 0, 1, 2, 64
NOBODY = "01900000-0000-7000-8000-0000000fffff"
CONTROL_D = b"\x04"


class Shell:
    """Commands on the installation of a running server, and the administrator's view of it over HTTP."""

    def __init__(self, installation):
        self.server = installation.server
        self.database = installation.database
        self.key = installation.administrator["api_key"]

    def run(self, *arguments, **settings):
        return self.server.command(*arguments, **settings)

    def done(self, *arguments):
        """What a command that must succeed writes."""
        done = self.run(*arguments)
        assert done.returncode == DONE, done.stderr
        return done.stdout

    def json(self, *arguments):
        return json.loads(self.done(*arguments, "--json"))

    def on_terminal(self, *arguments, answer=None):
        return run_on_terminal([EXECUTABLE, *arguments], self.server.env, answer)

    def api(self, path, key=None):
        return self.server.get(f"/api/v1{path}", key=key or self.key)

    def user(self, *options):
        return self.json("users", "create", "--email", f"{unique()}@example.com", *options)

    def role(self, *options):
        return self.json("roles", "create", f"r{unique()}", *options)

    def permission(self, *options):
        return self.json("permissions", "create", f"p{unique()}:read", *options)

    def api_key(self, owner=None, *options):
        owner = owner or self.user()
        return self.json("keys", "create", "--owner", owner["email"], "--name", "a program", *options)


def unique():
    return uuid.uuid4().hex[:12]


@pytest.fixture(scope="module")
def shell(installation):
    return Shell(installation)


# Users


def test_users_createShowChangeDelete(shell):
    email = f"{unique()}@example.com"
    made = shell.json("users", "create", "--email", email.upper(), "--name", "Ada", "--verified", "--role", "user")
    assert (made["email"], made["display_name"], made["is_email_verified"], made["roles"]) == (email, "Ada", True, ["user"])
    assert shell.json("users", "show", email) == shell.json("users", "show", made["id"]) == made

    changed = shell.json("users", "change", email, "--email", f"new-{email}", "--no-name", "--inactive")

    assert (changed["email"], changed["display_name"], changed["is_active"]) == (f"new-{email}", None, False)
    assert not changed["is_email_verified"], "nobody has vouched for the new address"
    assert shell.json("users", "change", made["id"], "--active", "--verified")["is_active"]
    deleted = shell.run("users", "delete", made["id"], "--yes")
    assert (deleted.returncode, deleted.stdout, deleted.stderr) == (DONE, "", f"deleted the user new-{email}\n")
    assert shell.api(f"/users/{made['id']}").status_code == 404


def test_users_create_withoutRoles_givesWhatAFirstSignInGives(shell):
    assert shell.user()["roles"] == ["user"]


def test_users_grantAndRevoke_takeNamesAndIds_andShowTheUser(shell):
    user, role = shell.user(), shell.role("--permission", "users:read")

    granted = shell.json("users", "grant", user["email"], role["name"])

    assert granted["roles"] == sorted(["user", role["name"]]) and granted["permissions"] == ["users:read"]
    assert shell.json("users", "grant", user["id"], role["id"]) == granted, "the second time changes nothing"
    assert shell.json("users", "revoke", user["id"], role["id"])["roles"] == ["user"]


def test_users_list_filters(shell):
    word, role = unique(), shell.role()
    active = shell.user("--name", f"Grace {word}", "--role", role["name"])
    inactive = shell.user("--name", f"Alan {word}", "--inactive")

    def emails(*options):
        return {item["email"] for item in shell.json("users", "list", "--all", *options)["items"]}

    assert emails("--q", word) == {active["email"], inactive["email"]}
    assert emails("--q", word, "--active") == {active["email"]}
    assert emails("--q", word, "--inactive") == {inactive["email"]}
    assert emails("--role", role["name"]) == emails("--role", role["id"]) == {active["email"]}


@pytest.mark.parametrize("query", [[], ["--q", "paged"]])
def test_users_list_pagesOnByTheHint_andAllListsEverything(shell, query):
    for _ in range(3):
        shell.user("--name", f"Paged {unique()}")
    everything = shell.run("users", "list", "--all", *query)
    lines = everything.stdout.splitlines()

    cursor, rows = [], []
    while True:
        page = shell.run("users", "list", "--limit", "2", *query, *cursor)
        rows += page.stdout.splitlines()[1:]
        hint = re.search(r"--cursor (\S+),", page.stderr)
        if not hint:
            break
        assert len(page.stdout.splitlines()) == 3
        cursor = ["--cursor", hint[1]]

    assert len(rows) >= 3 and [row.split()[0] for row in rows] == [line.split()[0] for line in lines[1:]]
    assert everything.stderr == "" and page.stderr == ""


# Roles and permissions


def test_roles_createChangeAttachDetachDelete(shell):
    permission = shell.permission("--description", "Read them")
    role = shell.role("--description", "First", "--permission", permission["name"])
    assert role["permissions"] == [permission["name"]] and role["description"] == "First"

    name = f"renamed-{unique()}"
    assert shell.json("roles", "change", role["name"], "--name", name, "--description", "")["description"] == ""
    attached = shell.json("roles", "attach", name, "users:read", "roles:read")
    assert attached["permissions"] == sorted([permission["name"], "roles:read", "users:read"])
    assert shell.json("roles", "detach", role["id"], permission["id"], "users:read")["permissions"] == ["roles:read"]
    assert shell.json("roles", "show", name)["id"] == role["id"]
    assert shell.done("roles", "delete", name, "--yes") == ""
    assert shell.api(f"/roles/{role['id']}").status_code == 404


def test_roles_attach_whenOneOfThemDoesNotExist_changesNothing(shell):
    role = shell.role()

    done = shell.run("roles", "attach", role["name"], "users:read", "nothing:at-all")

    assert (done.returncode, done.stderr) == (FAILED, "postern: There is no permission nothing:at-all.\n")
    assert shell.json("roles", "show", role["name"])["permissions"] == []


def test_permissions_createShowDelete(shell):
    made = shell.permission("--description", "What for")
    assert shell.json("permissions", "show", made["name"]) == shell.json("permissions", "show", made["id"]) == made

    assert shell.done("permissions", "delete", made["name"], "--yes") == ""

    assert shell.run("permissions", "show", made["id"]).returncode == FAILED


def test_permissions_find_whenThereAreManyPages_seesTheLast(shell):
    shell.database.query(
        "insert into permissions (id, resource, action, description, created_at) select gen_random_uuid(),"
        " 'many' || n, 'read', '', now() from generate_series(1, 450) n"
    )
    try:
        # The built-in ones are the oldest.
        assert shell.json("permissions", "show", "users:read")["is_built_in"]
        assert len(shell.json("permissions", "list", "--all")["items"]) > 450
    finally:
        shell.database.query("delete from permissions where resource like 'many%'")


# Keys


def test_keys_create_givesAKeyThatWorks_andShowsItOnlyOnce(shell):
    owner = shell.user("--role", "user")
    made = shell.api_key(owner, "--role", "user", "--expires-in", "90d")

    assert shell.api("/users/me", key=made["key"]).json()["id"] == owner["id"]
    assert made["roles"] == ["user"] and made["expires_at"] > made["created_at"]
    shown = shell.done("keys", "show", made["id"]) + shell.done("keys", "list", "--owner", owner["id"])
    assert made["last_four"] in shown and made["key"] not in shown
    assert made["key"] not in shell.done("keys", "show", made["id"], "--json")


def test_keys_change_setsAndClearsGrantsAndExpiry(shell):
    owner = shell.user("--role", shell.role("--permission", "users:read")["name"])
    role = owner["roles"][0]
    made = shell.api_key(owner, "--role", role, "--permission", "users:read", "--expires-at", "2090-01-31T09:00:00Z")
    assert made["expires_at"].startswith("2090-01-31T09:00:00") and made["permissions"] == ["users:read"]

    changed = shell.json("keys", "change", made["id"], "--name", "renamed", "--no-roles", "--no-expiry")

    assert (changed["name"], changed["roles"], changed["expires_at"]) == ("renamed", [], None)
    assert changed["permissions"] == ["users:read"], "what is not named stays"
    assert shell.json("keys", "change", made["id"], "--no-permissions", "--role", role)["roles"] == [role]


def test_keys_rotate_withAnOverlap_doesNotAsk_andBothWork(shell):
    old = shell.api_key()

    new = shell.json("keys", "rotate", old["id"], "--overlap", "1h")

    assert new["key"] != old["key"] and new["owner_id"] == old["owner_id"]
    assert [shell.api("/users/me", key=key["key"]).status_code for key in (old, new)] == [200, 200]
    assert shell.json("keys", "show", old["id"])["expires_at"] is not None


def test_keys_create_underAnotherSecret_isRefused_andMakesNothing(shell):
    owner = shell.user()

    done = shell.run("keys", "create", "--owner", owner["id"], "--name", "x", POSTERN_SECRET=new_secret())

    assert (done.returncode, done.stdout) == (BAD_CONFIGURATION, "") and "another POSTERN_SECRET" in done.stderr
    assert shell.json("keys", "list", "--owner", owner["id"])["items"] == []


# The same as the API


@pytest.mark.parametrize("kind, path", [("users", "users"), ("roles", "roles"), ("permissions", "permissions"),
                                        ("keys", "api-keys")])
def test_json_isWhatTheAPIAnswers(shell, kind, path):
    for _ in range(3):
        {"users": shell.user, "roles": shell.role, "permissions": shell.permission, "keys": shell.api_key}[kind]()

    first = shell.done(kind, "list", "--limit", "2", "--json")
    assert first == shell.api(f"/{path}?limit=2").text + "\n"
    cursor = json.loads(first)["next_cursor"]
    second = shell.done(kind, "list", "--limit", "2", "--cursor", cursor, "--json")
    assert second == shell.api(f"/{path}?limit=2&cursor={cursor}").text + "\n"
    item = json.loads(second)["items"][0]["id"]
    assert shell.done(kind, "show", item, "--json") == shell.api(f"/{path}/{item}").text + "\n"
    everything = shell.json(kind, "list", "--all")
    assert everything["next_cursor"] is None and len(everything["items"]) > 4


# What cannot be undone


class Doomed:
    """Something to delete: the command that does it, what the question must name, and whether it is still there."""

    def __init__(self, shell, kind):
        if kind == "user":
            user = shell.user("--name", "Ada Lovelace")
            shell.api_key(user)
            self.command, self.named = ["users", "delete", user["email"]], [user["email"], "Ada Lovelace", "1 API key "]
            self.path = f"/users/{user['id']}"
        elif kind == "role":
            role = shell.role("--permission", "users:read")
            self.command, self.named = ["roles", "delete", role["name"]], [role["name"], "1 permission?"]
            self.path = f"/roles/{role['id']}"
        elif kind == "permission":
            permission = shell.permission()
            self.command, self.named = ["permissions", "delete", permission["name"]], [permission["name"]]
            self.path = f"/permissions/{permission['id']}"
        else:
            owner = shell.user()
            key = shell.api_key(owner)
            self.command, self.named = ["keys", kind, key["id"]], [key["name"], key["last_four"], owner["email"]]
            self.path = f"/api-keys/{key['id']}"
        self.exists = lambda: shell.api(self.path).status_code == 200


KINDS = ["user", "role", "permission", "delete", "rotate"]


@pytest.mark.parametrize("kind", KINDS)
def test_confirmation_onATerminal_namesWhatWillBeLost_andTakesAYes(shell, kind):
    doomed = Doomed(shell, kind)

    status, shown = shell.on_terminal(*doomed.command, answer=b"y\n")

    assert status == DONE and not doomed.exists(), shown
    question = shown.decode().partition("[y/N]")[0]
    assert all(word in question for word in doomed.named), question


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("answer", [b"\n", b"n\n", b"yep\n", CONTROL_D])
def test_confirmation_whenDeclined_changesNothing(shell, kind, answer):
    doomed = Doomed(shell, kind)

    status, shown = shell.on_terminal(*doomed.command, answer=answer)

    assert status == FAILED and b"nothing was changed" in shown and doomed.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_confirmation_withoutATerminal_isRefused_unlessYesIsSaid(shell, kind):
    doomed = Doomed(shell, kind)

    refused = shell.run(*doomed.command)

    assert (refused.returncode, refused.stdout) == (USAGE, "") and "--yes" in refused.stderr and doomed.exists()
    assert shell.run(*doomed.command, "--yes").returncode == DONE and not doomed.exists()


# Refusals


def test_theLastAdministrator_staysOne_whateverTheCommand(start_postern):
    server = start_postern()
    administrator = server.bootstrap()
    for command in (
        ["users", "delete", "admin@example.com", "--yes"],
        ["users", "change", "admin@example.com", "--inactive"],
        ["users", "revoke", "admin@example.com", "admin"],
    ):
        done = server.command(*command)
        assert (done.returncode, done.stderr) == (FAILED, "postern: This is the last active administrator.\n")
    assert server.get("/api/v1/users", key=administrator["api_key"]).status_code == 200

    second = server.command("users", "create", "--email", "second@example.com", "--role", "admin")
    assert second.returncode == DONE
    assert server.command("users", "delete", "admin@example.com", "--yes").returncode == DONE


@pytest.mark.parametrize(
    "command, sentence",
    [
        (["users", "show", "nobody@example.com"], "There is no user nobody@example.com."),
        (["users", "show", NOBODY], f"There is no user {NOBODY}."),
        (["users", "create", "--email", "admin@example.com"], "A user with this e-mail address exists already."),
        (["users", "create", "--email", "x@example.com", "--role", "nobody"], "There is no role nobody."),
        (["users", "list", "--role", "nobody"], "There is no role nobody."),
        (["roles", "create", "admin"], None),
        (["roles", "delete", "admin", "--yes"], "The role admin is built in and cannot be deleted."),
        (["roles", "change", "user", "--name", "people"], "The role user is built in and keeps its name."),
        (["roles", "detach", "admin", "users:read"], "The role admin holds every permission, always."),
        (["permissions", "create", "users:read"], None),
        (["permissions", "delete", "users:read", "--yes"], None),
        (["keys", "create", "--owner", "nobody@example.com", "--name", "x"], "There is no user nobody@example.com."),
        (["keys", "show", NOBODY], "There is no such API key."),
    ],
)
def test_refusal_isOneSentence_andExitStatus1(shell, command, sentence):
    done = shell.run(*command)

    assert (done.returncode, done.stdout) == (FAILED, "") and done.stderr.count("\n") == 1
    assert sentence is None or done.stderr == f"postern: {sentence}\n"


def test_keys_create_beyondTheOwner_isRefused(shell):
    done = shell.run("keys", "create", "--owner", shell.user()["id"], "--name", "x", "--role", "admin")

    assert done.returncode == FAILED and "owner does not hold" in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        ["users", "show", "nobody"],
        ["users", "create", "--email", "nobody"],
        ["users", "create", "--email", "x@example.com", "--name", "\x1b[31mred"],
        ["users", "create", "--email", "x@example.com", "--name", "x" * 201],
        ["users", "change", "admin@example.com"],
        ["users", "change", "admin@example.com", "--name", "x", "--no-name"],
        ["users", "change", "admin@example.com", "--active", "--inactive"],
        ["users", "list", "--limit", "0"],
        ["users", "list", "--limit", "201"],
        ["users", "list", "--limit", "5", "--all"],
        ["users", "list", "--cursor", "nothing"],
        ["users", "list", "--role", "admin", "--active"],
        ["users", "list", "--q", ""],
        ["roles", "create", "Not A Name"],
        ["roles", "create", "x", "--description", "x" * 501],
        ["permissions", "create", "users"],
        ["keys", "show", "1"],
        ["keys", "create", "--owner", "admin@example.com", "--name", ""],
        ["keys", "create", "--owner", "admin@example.com", "--name", "x", "--expires-in", "soon"],
        ["keys", "create", "--owner", "admin@example.com", "--name", "x", "--expires-in", "999999999d"],
        ["keys", "create", "--owner", "admin@example.com", "--name", "x", "--expires-at", "tomorrow"],
        ["keys", "create", "--owner", "admin@example.com", "--name", "x", "--expires-at", "2001-01-01T00:00:00Z"],
        ["keys", "create", "--owner", "admin@example.com", "--name", "x", "--expires-in", "1d", "--no-expiry"],
        ["keys", "change", NOBODY],
        ["keys", "rotate", NOBODY, "--overlap", "31d"],
        ["completions", "csh"],
    ],
)
def test_wrongUsage_isSaid_andExitStatus2(shell, command):
    done = shell.run(*command)

    assert (done.returncode, done.stdout) == (USAGE, "") and done.stderr, done.stderr
    assert "\x1b" not in done.stderr


def test_anOutdatedSchema_isSaid_andIsBadConfiguration():
    done = Postern(Database.empty().url).command("users", "list")

    assert (done.returncode, done.stdout) == (BAD_CONFIGURATION, "") and "postern migrate up" in done.stderr


def test_aFullDisk_isAFailure_andNotSilence(shell):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [EXECUTABLE, "users", "list"], env=shell.server.env, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60
        )

    assert done.returncode == FAILED and "No space left" in done.stderr


def test_badSettings_areSaid(shell):
    done = shell.run("users", "list", POSTERN_SECRET="short")

    assert (done.returncode, done.stdout) == (BAD_CONFIGURATION, "") and "POSTERN_SECRET" in done.stderr


# Terminals


def test_tables_showNamesWithoutObeyingThem(shell):
    user = shell.user("--name", "漢字")
    plain = shell.done("users", "list").splitlines()
    row = next(line for line in plain if user["id"] in line)
    # Each of the two characters takes two columns.
    assert row.index("yes") + 2 == plain[0].index("ACTIVE")

    # Not by way of the API, which takes no such name.
    name = "a\x1b[2J\u009b31m\u202eb\nFORGED"
    shell.database.query(f"update users set display_name = '{name}' where id = '{user['id']}'")
    for command in (["users", "list"], ["users", "show", user["id"]], ["users", "delete", user["id"]],
                    ["users", "show", user["id"], "--json"]):
        _, shown = shell.on_terminal(*command, answer=b"n\n")
        text = shown.decode()
        assert r"a\u001b[2J\u009b31m\u202eb" in text
        assert not {"\x1b", "\u009b", "\u202e"} & set(text)
        assert not any(line.startswith("FORGED") for line in text.splitlines()), "the name makes no line of its own"
    assert shell.json("users", "show", user["id"])["display_name"] == name
    shell.database.query(f"delete from users where id = '{user['id']}'")


def test_anEmptyTable_isItsHeader(shell):
    assert shell.done("keys", "list", "--owner", shell.user()["id"]).split() == [
        "ID", "NAME", "KEY", "OWNER", "EXPIRES", "LAST", "USED",
    ]


# Completions


def complete(*words):
    """What a real bash offers for the last of `words`."""
    script = f"""
        set -u
        source <({EXECUTABLE} completions bash)
        complete -p postern >/dev/null || exit 1
        COMP_WORDS=({' '.join(f"'{word}'" for word in words)})
        COMP_CWORD={len(words) - 1} COMP_LINE='{' '.join(words)}' COMP_POINT={len(' '.join(words))} COMP_TYPE=9
        _postern postern '{words[-1]}' '{words[-2]}'
        printf '%s\\n' "${{COMPREPLY[@]-}}"
    """
    done = subprocess.run(["bash", "--norc", "-c", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return {word.strip() for word in done.stdout.splitlines()}


def test_completions_inBash_offerCommandsAndOptions():
    assert {"users", "roles", "permissions", "keys", "completions"} <= complete("postern", "")
    assert complete("postern", "us") == {"users"}
    assert {"list", "create", "show", "change", "delete", "grant", "revoke"} <= complete("postern", "users", "")
    assert {"--q", "--limit", "--cursor", "--all", "--json"} <= complete("postern", "users", "list", "--")
    assert complete("postern", "completions", "") >= {"bash", "zsh", "fish"}


@pytest.mark.parametrize("shell_name, sign", [("zsh", "#compdef postern"), ("fish", "complete -c 'postern'")])
def test_completions_ofTheOtherShells_areTheirs(shell_name, sign):
    done = subprocess.run([EXECUTABLE, "completions", shell_name], capture_output=True, text=True, timeout=60)

    assert done.returncode == DONE and sign in done.stdout
