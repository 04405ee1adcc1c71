"""Loaded by schemathesis itself: the check that what the description allows is taken.

It is schemathesis's own, less the refusals for reasons that no schema can state.

And the run does not saw off the branch it sits on: it never finds the API key with which it calls.
"""

import os
import uuid

import schemathesis
from schemathesis.specs.openapi.checks import positive_data_acceptance

BEYOND_SCHEMAS = {
    # Nobody.
    ("owner_id", "unknown"),
    # The time of day.
    ("expires_at", "in_past"),
    # A cursor of a search is none of a list, and the other way round.
    ("cursor", "invalid"),
    # Names that nothing has.
    ("roles", "unknown"),
    ("permissions", "unknown"),
    # Filters that exclude each other.
    ("role_id", "exclusive"),
    ("api_key_id", "exclusive"),
    ("subject_id", "exclusive"),
    ("action", "exclusive"),
    # The app's address and its challenge belong together.
    ("redirect_to", "required"),
    ("code_challenge", "required"),
    # A link says all by itself.
    ("link", "exclusive"),
    # Characters that Unicode has not assigned: the generator takes `\\p{C}` for the control characters alone.
    ("name", "invalid"),
    ("description", "invalid"),
    ("display_name", "invalid"),
    ("q", "invalid"),
    ("action", "invalid"),
}


def is_beyond_schemas(response):
    if response.status_code == 412:
        # The version was made up.
        return True
    if response.status_code == 400 and "error" in response.json():
        # A refusal in the words of OAuth: the code or the token was made up.
        return True
    if response.status_code != 422:
        return False
    problem = response.json()
    if problem["code"] == "idempotency_mismatch":
        # The same made-up key on two requests.
        return True
    fields = {(error["field"].partition("[")[0], error["code"]) for error in problem["errors"]}
    return bool(fields) and fields <= BEYOND_SCHEMAS


@schemathesis.check
def valid_data_acceptance(ctx, response, case):
    if not is_beyond_schemas(response):
        return positive_data_acceptance(ctx, response, case)


@schemathesis.hook
def before_call(context, case, kwargs):
    for name, value in (case.path_parameters or {}).items():
        if value == os.environ["OWN_KEY"]:
            case.path_parameters[name] = str(uuid.UUID(int=0))
