// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Schemas

/// What operations share, each under a name.
struct OpenAPIComponents {
    private var schemas: [String: JSONValue] = Self.problemSchemas
    private var responses: [String: JSONValue] = [:]

    /// `schema` with a reference in the place of each schema that has a title; those become components.
    mutating func reference(_ schema: JSONValue) -> JSONValue {
        switch schema {
        case .object(var members):
            let title = members.removeValue(forKey: "title")?.string
            let inner = JSONValue.object(members.mapValues { reference($0) })
            guard let title else { return inner }
            schemas[title] = inner
            return Self.reference("schemas", title)
        case .array(let elements):
            return .array(elements.map { reference($0) })
        default:
            return schema
        }
    }

    /// A reference to the answer with `status`, which any of `codes` can cause.
    mutating func problem(_ status: HTTPResponse.Status, _ codes: Set<ErrorCode>) -> JSONValue {
        let codes = codes.sorted { $0.rawValue < $1.rawValue }
        // NotFound, ConflictOrLastAdmin
        let name = codes.map { $0.rawValue.split(separator: "_").map(\.capitalized).joined() }.joined(separator: "Or")
        responses[name] = Self.problem(status, codes)
        return Self.reference("responses", name)
    }

    /// A reference to an error of OAuth, or a problem with one of `codes`.
    mutating func oauthError(or codes: Set<ErrorCode>) -> JSONValue {
        let status = HTTPResponse.Status.badRequest
        let codes = codes.filter { $0.status == status }.sorted { $0.rawValue < $1.rawValue }
        var members = Self.problem(status, codes).object ?? [:]
        var content = members["content"]?.object ?? [:]
        content[ContentType.json.rawValue] = ["schema": reference(OAuthErrorResponse.schema)]
        members["content"] = .object(content)
        responses["OAuthError"] = .object(members)
        return Self.reference("responses", "OAuthError")
    }

    /// Writes the Components Object.
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.name("schemas")
            json.object { json in
                for (name, schema) in schemas.sorted(by: { $0.key < $1.key }) {
                    json.name(name)
                    json.schema(schema)
                }
            }
            json.member("responses", .object(responses))
            json.member("parameters", Self.parameters)
            json.member("headers", Self.allHeaders)
            json.member("securitySchemes", OpenAPIAccess.schemes)
        }
    }

    /// A reference to the component `name`.
    static func reference(_ kind: String, _ name: String) -> JSONValue {
        ["$ref": .string("#/components/\(kind)/\(name)")]
    }
}

extension JSONWriter {
    /// A schema whose properties stand in the order in which it requires them, which is the order of the declaration;
    /// optional ones come last.
    fileprivate mutating func schema(_ schema: JSONValue) {
        guard let members = schema.object, let properties = members["properties"]?.object else {
            value(schema)
            return
        }
        let required = (members["required"]?.array ?? []).compactMap(\.string)
        let names = required + properties.keys.filter { !required.contains($0) }.sorted()
        object { json in
            for (name, value) in members.sorted(by: { $0.key < $1.key }) where name != "properties" {
                json.member(name, value)
            }
            json.name("properties")
            json.object { json in
                for name in names {
                    guard let property = properties[name] else { continue }
                    json.name(name)
                    json.schema(property)
                }
            }
        }
    }
}

extension Substring {
    fileprivate var capitalized: String { prefix(1).uppercased() + dropFirst() }
}
