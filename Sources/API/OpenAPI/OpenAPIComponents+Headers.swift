// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes

/// Header fields, of requests and of answers.
extension OpenAPIComponents {
    static let ifNoneMatch = reference("parameters", "If-None-Match")
    static let ifMatch = reference("parameters", "If-Match")
    static let idempotencyKey = reference("parameters", "Idempotency-Key")

    static let parameters: JSONValue = [
        "If-None-Match": [
            "name": "If-None-Match",
            "in": "header",
            "required": false,
            "description": "The `ETag` of what the caller has: the answer is 304 when it is still the same.",
            "schema": ["type": "string"],
        ],
        "If-Match": [
            "name": "If-Match",
            "in": "header",
            "required": false,
            "description": "The `ETag` of what was read: the change is refused when it is another one by now.",
            "schema": [
                "type": "string",
                "minLength": 1,
                "pattern": #"^(\*|(W/)?"[!#-+\x2D-~]*"( *, *(W/)?"[!#-+\x2D-~]*")*)$"#,
            ],
        ],
        "Idempotency-Key": [
            "name": "Idempotency-Key",
            "in": "header",
            "required": false,
            "description": """
            A text of the caller's choice, new for each thing to create. Sent again with the same request within \
            24 hours, it gives the first answer again, and nothing is created twice.
            """,
            "schema": ["type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"],
        ],
    ]

    /// The Header Objects that ``headers(_:)`` refers to.
    static let allHeaders: JSONValue = .object([
        HTTPField.Name.requestID.rawName: header("The id of the request, as it stands in the log."),
        HTTPField.Name.eTag.rawName: header("The version, for `If-Match`."),
        HTTPField.Name.location.rawName: header("Where the new thing is, or where to go."),
        HTTPField.Name.setCookie.rawName: header("Binds the sign-in to this browser."),
        HTTPField.Name.userID.rawName: header("The user's id."),
        HTTPField.Name.credential.rawName: header("`access_token` or `api_key`."),
        HTTPField.Name.roles.rawName: header("The roles held, with commas; empty when they do not fit."),
        HTTPField.Name.permissions.rawName: header("The permissions held, with commas; empty when they do not fit."),
        HTTPField.Name.wwwAuthenticate.rawName: header("How to authenticate (RFC 6750)."),
        HTTPField.Name.retryAfter.rawName: header("How many seconds to wait.", type: "integer"),
        HTTPField.Name.rateLimitLimit.rawName: header("How many requests may come in a period.", type: "integer"),
        HTTPField.Name.rateLimitRemaining.rawName: header("How many may come now.", type: "integer"),
        HTTPField.Name.rateLimitReset.rawName: header(
            "How many seconds it takes until all of the limit is there again.",
            type: "integer"
        ),
        HTTPField.Name.idempotentReplayed.rawName: header(
            "`true` when this is the stored answer to an earlier request with the same `Idempotency-Key`.",
            isRequired: false
        ),
    ])

    /// The `headers` of an answer that has these.
    static func headers(_ names: [HTTPField.Name]) -> JSONValue {
        .object(Dictionary(names.map { ($0.rawName, reference("headers", $0.rawName)) }) { first, _ in first })
    }

    private static func header(_ summary: String, type: String = "string", isRequired: Bool = true) -> JSONValue {
        ["description": .string(summary), "required": .bool(isRequired), "schema": ["type": .string(type)]]
    }
}
