"""The description of the API: it is valid, it is one and the same everywhere, and every operation keeps to it."""

import subprocess
import uuid

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from support.postern import EXECUTABLE

PROBLEM = "application/problem+json"


@pytest.fixture(scope="module")
def document(postern):
    return postern.get("/openapi.json").json()


def operations(document):
    """Method, path and description of each operation."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def test_openapi_document_isValid(document):
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []
    assert document["openapi"] == "3.1.0"
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(set(names)) == len(names) > 40
    assert {"listUsers", "createUser", "getUser", "updateUser", "deleteUser", "addUserRole", "rotateAPIKey"} <= set(names)
    tags = {tag["name"] for tag in document["tags"]}
    assert {tag for _, _, operation in operations(document) for tag in operation["tags"]} == tags


def test_openapi_command_needsNoSettingAndPrintsWhatIsServed(postern):
    done = subprocess.run([EXECUTABLE, "openapi"], env={}, cwd="/", capture_output=True, timeout=60)

    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == postern.get("/openapi.json").content + b"\n"


def test_openapi_document_isSentOnceToWhoeverKeepsIt(postern):
    first = postern.get("/openapi.json")
    assert first.headers["Content-Type"] == "application/json"

    assert postern.get("/openapi.json", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert postern.get("/openapi.json", headers={"If-None-Match": '"older"'}).content == first.content


def test_openapi_everyProblem_isDescribedWithItsCodes(document):
    for method, path, operation in operations(document):
        for status, response in operation["responses"].items():
            if status >= "400":
                response = document["components"]["responses"][response["$ref"].rpartition("/")[2]]
                schema = response["content"][PROBLEM]["schema"]
                assert schema["properties"]["status"] == {"const": int(status)}, (method, path)
                assert schema["properties"]["code"]["enum"], (method, path)
                assert "X-Request-Id" in response["headers"]
                assert ("WWW-Authenticate" in response["headers"]) == (status == "401")


def test_otherMethods_ofEveryPath_are405(postern, document):
    for path, methods in document["paths"].items():
        described = {method.upper() for method in methods}
        described |= {"HEAD"} if "GET" in described else set()
        address = path.replace("{id}", str(uuid.uuid4())).replace("{provider}", "corp")
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"} - described:
            answer = postern.request(method, address)
            assert answer.status_code == 405, (method, path)
            assert set(answer.headers["Allow"].split(", ")) == described


# Who may call what: each operation with each kind of caller, by what the document says of it.


@pytest.fixture(scope="module")
def callers(installation):
    """How each shows who it is; what it holds."""
    server = installation.server
    permissions = {
        row[0] for row in installation.database.query("select resource || ':' || action from permissions")
    }
    user = installation.sign_in()["access_token"]
    admin = installation.administrator_token()

    def key(token, **body):
        answer = server.post("/api/v1/api-keys", token=token, json={"name": "matrix"} | body)
        assert answer.status_code == 201, answer.text
        return answer.json()["key"]

    callers = {
        "nobody": ({}, None, set(), set()),
        "a user's token": ({"token": user}, "access_token", {"user"}, set()),
        "an administrator's token": ({"token": admin}, "access_token", {"admin", "user"}, permissions),
        "a user's key": ({"key": key(user)}, "api_key", set(), set()),
        "an administrator's key": ({"key": key(admin, roles=["admin"])}, "api_key", {"admin"}, permissions),
        "a revoked key": ({"key": "pst_000000000000000000000000000000"}, None, set(), set()),
        "a forged token": ({"token": admin[:-4] + "AAAA"}, None, set(), set()),
    }
    for permission in permissions:
        callers[f"a key for {permission}"] = ({"key": key(admin, permissions=[permission])}, "api_key", set(), {permission})
    return callers


def expected(access, credential, roles, permissions):
    """401 or 403 when the caller must not pass, None when it must."""
    if not access["credentials"]:
        return None
    if credential not in access["credentials"]:
        return 401
    needed = set(access["permissions"])
    if credential == "api_key":
        needed |= set(access["api_key_permissions"])
    return None if set(access["roles"]) <= roles and needed <= permissions else 403


def test_everyOperation_letsInWhomTheDocumentNames(postern, document, callers):
    wrong = []
    for method, path, operation in operations(document):
        if operation["x-postern-access"]["credentials"] == [] and "{provider}" in path:
            continue  # It asks a real identity provider; test_sign_in.py does that.
        if (method, path) in (("POST", "/api/v1/auth/logout"), ("DELETE", "/api/v1/auth/sessions")):
            continue  # Who calls it is signed out; test_matrix.py does that.
        for caller, (credential, kind, roles, permissions) in callers.items():
            # Ids of nothing, and a body of another type: whoever passes gets no further than to be let in.
            address = path
            for name in ("{id}", "{role_id}", "{permission_id}"):
                address = address.replace(name, str(uuid.uuid4()))
            body = {"data": b"-", "headers": {"Content-Type": "text/plain"}} if "requestBody" in operation else {}
            answer = postern.request(method, address, **credential, **body)

            status = expected(operation["x-postern-access"], kind, roles, permissions)
            refused = answer.status_code in (401, 403) and answer.status_code
            if (refused or None) != status or not is_described(document, operation, answer):
                wrong.append((method, path, caller, answer.status_code, status, answer.text[:200]))
    assert wrong == []


def is_described(document, operation, answer):
    """Whether the status stands in the document, and with it the type, the code and the header fields of the answer."""
    response = operation["responses"].get(str(answer.status_code))
    if response is None:
        return False
    if "$ref" in response:
        response = document["components"]["responses"][response["$ref"].rpartition("/")[2]]
        codes = response["content"][PROBLEM]["schema"]["properties"]["code"]["enum"]
        if answer.json()["code"] not in codes:
            return False
    types = response.get("content", {})
    sent = answer.headers.get("Content-Type", "").partition(";")[0]
    headers = {
        name for name, header in response["headers"].items()
        if document["components"]["headers"][header["$ref"].rpartition("/")[2]]["required"]
    }  # fmt: skip
    return (sent in types if types else not sent) and all(name in answer.headers for name in headers)
