import json
import subprocess

from .postern import EXECUTABLE, clean_environment

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class Operation:
    """One operation of the OpenAPI document."""

    def __init__(self, document, method, path):
        self._document = document
        self.method = method.upper()
        self.path = path
        self.name = f"{self.method} {path}"
        self._item = document["paths"][path]
        self.description = self._item[method]

    @property
    def access(self):
        """Who may call it; no credentials means anyone."""
        nothing = {"roles": [], "permissions": [], "api_key_permissions": []}
        return nothing | self.description["x-postern-access"]

    @property
    def success(self):
        """The status that says it went well."""
        # 304 says that there is nothing new to be had.
        good = [int(status) for status in self.description["responses"] if status[0] in "23" and status != "304"]
        # Who signs in for an app is redirected instead.
        good = [200] if good == [200, 302] else good
        assert len(good) == 1, f"{self.name} declares {good}"
        return good[0]

    def parameters(self, place):
        declared = self._item.get("parameters", []) + self.description.get("parameters", [])
        found = [self.resolve(parameter) for parameter in declared]
        return [parameter for parameter in found if parameter["in"] == place]

    def content(self, status):
        """The media types that an answer of `status` may have."""
        response = self.resolve(self.description["responses"].get(str(status), {}))
        return set(response.get("content", {}))

    @property
    def body_schema(self):
        """The schema of a JSON body, or None."""
        content = self.resolve(self.description.get("requestBody", {})).get("content", {})
        schema = content.get("application/json", {}).get("schema")
        return schema and self.resolve(schema)

    @property
    def body_is_required(self):
        return self.resolve(self.description["requestBody"]).get("required", False)

    def resolve(self, value):
        while "$ref" in value:
            target = self._document
            for part in value["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            value = target
        return value

    def types(self, schema):
        """The JSON types that a schema lets pass."""
        schema = self.resolve(schema)
        if "anyOf" in schema:
            return set().union(*(self.types(option) for option in schema["anyOf"]))
        types = schema["type"]
        return {types} if isinstance(types, str) else set(types)


def openapi_document():
    done = subprocess.run([EXECUTABLE, "openapi"], env=clean_environment(), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def operations():
    """Every operation, from the document that the executable prints."""
    document = openapi_document()
    return [
        Operation(document, method, path)
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item
    ]
