// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes

/// The API's own description, made from the declarations of its operations (OpenAPI 3.1).
struct OpenAPIDocument {
    /// The document as it is served.
    let json: [UInt8]

    init(_ endpoints: [Endpoint]) {
        var components = OpenAPIComponents()
        var paths: [(path: String, operations: [(method: String, operation: JSONValue)])] = []
        for endpoint in endpoints {
            let operation = (endpoint.method.rawValue.lowercased(), OpenAPIOperation(endpoint).json(&components))
            if let index = paths.firstIndex(where: { $0.path == endpoint.path }) {
                paths[index].operations.append(operation)
            } else {
                paths.append((endpoint.path, [operation]))
            }
        }

        var json = JSONWriter(reservingCapacity: 256 * 1024)
        json.object { json in
            json.member("openapi", "3.1.0")
            json.member("info", Self.info)
            json.member("servers", [["url": "/"]])
            json.member(
                "tags",
                .array(OpenAPITag.all.map { ["name": .string($0.name), "description": .string($0.summary)] })
            )
            json.name("paths")
            json.object { json in
                for (path, operations) in paths {
                    json.name(path)
                    json.object { json in
                        for (method, operation) in operations { json.member(method, operation) }
                    }
                }
            }
            json.name("components")
            components.write(to: &json)
        }
        self.json = json.bytes
    }

    private static let info: JSONValue = [
        "title": "Postern",
        "version": .string(Release.version),
        "summary": "Identity and access: users, roles, permissions, API keys and sign-in.",
        "description": """
        Who is calling, and may they? Callers show an access token (`Authorization: Bearer …`) or an API key \
        (`X-API-Key`), never both.

        An error is a problem (RFC 9457) whose `code` is stable; `errors` names each bad field. A page of a list \
        holds `items` and `next_cursor`, which is null on the last page. Every answer carries `X-Request-Id`.
        """,
        "license": ["name": "Apache License 2.0", "identifier": "Apache-2.0"],
    ]
}
