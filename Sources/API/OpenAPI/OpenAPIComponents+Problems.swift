// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes

/// The answers to requests that failed.
extension OpenAPIComponents {
    static let problemSchemas: [String: JSONValue] = [
        "Problem": [
            "description": "An error (RFC 9457).",
            "type": "object",
            "properties": [
                "type": ["type": "string", "format": "uri", "description": "Names the kind of problem."],
                "title": ["type": "string", "description": "The same for every problem of this kind."],
                "status": ["type": "integer", "description": "The HTTP status."],
                "detail": ["type": "string", "description": "What went wrong this time."],
                "instance": ["type": "string", "description": "The path of the request."],
                "code": [
                    "type": "string",
                    "description": "Stable, for programs to compare.",
                    "enum": .array(ErrorCode.allCases.map { .string($0.rawValue) }),
                ],
                "request_id": ["type": "string", "description": "The `X-Request-Id`, as it stands in the log."],
                "errors": [
                    "type": "array", "description": "Each bad field.",
                    "items": ["$ref": "#/components/schemas/FieldError"],
                ],
            ],
            "required": ["type", "title", "status", "detail", "instance", "code", "request_id", "errors"],
        ],
        "FieldError": [
            "type": "object",
            "properties": [
                "field": ["type": "string", "description": "`roles[2]` for an element; a header by its name."],
                "code": ["type": "string"],
                "message": ["type": "string"],
            ],
            "required": ["field", "code", "message"],
        ],
    ]

    /// The Response Object of a problem with one of `codes`.
    static func problem(_ status: HTTPResponse.Status, _ codes: [ErrorCode]) -> JSONValue {
        var headers = [HTTPField.Name.requestID]
        switch status {
        case .unauthorized: headers.append(.wwwAuthenticate)
        case .serviceUnavailable: headers.append(.retryAfter)
        case .tooManyRequests:
            headers += [.retryAfter, .rateLimitLimit, .rateLimitRemaining, .rateLimitReset]
        default: break
        }
        let names = codes.map { "`\($0.rawValue)`" }.joined(separator: " or ")
        return [
            "description": .string("\(status.reasonPhrase): \(names)"),
            "headers": Self.headers(headers),
            "content": .object([
                ContentType.problem.rawValue: [
                    "schema": [
                        "allOf": [reference("schemas", "Problem")],
                        "properties": [
                            "status": ["const": .integer(Int64(status.code))],
                            "code": ["enum": .array(codes.map { .string($0.rawValue) })],
                        ],
                    ],
                    "example": codes.first.map(example) ?? [:],
                ]
            ]),
        ]
    }

    private static func example(_ code: ErrorCode) -> JSONValue {
        let field: JSONValue = ["field": "name", "code": "required", "message": "is required"]
        return [
            "type": .string("https://id.example.com/problems/\(code.slug)"),
            "title": .string(code.title),
            "status": .integer(Int64(code.status.code)),
            "detail": "A sentence about what went wrong.",
            "instance": "/api/v1/…",
            "code": .string(code.rawValue),
            "request_id": "019ab0e2-5c1d-7f3e-9a44-0d6c2b7f1e55",
            "errors": code == .validationFailed ? [field] : [],
        ]
    }
}
