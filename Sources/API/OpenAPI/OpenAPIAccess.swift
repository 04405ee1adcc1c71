// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// Who may call an operation, in the words of OpenAPI.
struct OpenAPIAccess {
    private static let bearer = "accessToken"
    private static let apiKey = "apiKey"

    /// Nil for anyone.
    let rule: AccessRule?

    /// What the operation's `security` may name.
    static let schemes: JSONValue = [
        bearer: [
            "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
            "description": "An access token, as a sign-in gives it.",
        ],
        apiKey: [
            "type": "apiKey", "in": "header", "name": "X-API-Key",
            "description": "An API key; it allows what it was given, as long as its owner holds that too.",
        ],
    ]

    /// One of these must be met; the names in each are the roles and permissions that it takes.
    var security: JSONValue {
        guard let rule else { return [] }
        let names = rule.roles.sorted() + rule.permissions.sorted()
        let keyNames = names + rule.apiKeyPermissions.subtracting(rule.permissions).sorted()
        var alternatives: [JSONValue] = []
        if rule.strategy != .apiKey { alternatives.append([Self.bearer: Self.texts(names)]) }
        if rule.strategy != .accessToken { alternatives.append([Self.apiKey: Self.texts(keyNames)]) }
        return .array(alternatives)
    }

    /// The same for tests and tools, without the guesswork which name is a role.
    var matrix: JSONValue {
        guard let rule else { return ["credentials": []] }
        let credentials: JSONValue =
            switch rule.strategy {
            case .accessToken: ["access_token"]
            case .apiKey: ["api_key"]
            case .either: ["access_token", "api_key"]
            }
        return [
            "credentials": credentials,
            "roles": Self.texts(rule.roles.sorted()),
            "permissions": Self.texts(rule.permissions.sorted()),
            "api_key_permissions": Self.texts(rule.apiKeyPermissions.sorted()),
        ]
    }

    /// The same for people.
    var summary: String {
        guard let rule else { return "Anyone may call this." }
        var sentences: [String] = []
        switch rule.strategy {
        case .accessToken: sentences.append("Takes an access token.")
        case .apiKey: sentences.append("Takes an API key.")
        case .either: sentences.append("Takes an access token or an API key.")
        }
        if !rule.roles.isEmpty { sentences.append("Needs the role \(Self.list(rule.roles)).") }
        if !rule.permissions.isEmpty { sentences.append("Needs the permission \(Self.list(rule.permissions)).") }
        if !rule.apiKeyPermissions.isEmpty {
            sentences.append("An API key needs the permission \(Self.list(rule.apiKeyPermissions)).")
        }
        return sentences.joined(separator: " ")
    }

    private static func texts(_ names: [String]) -> JSONValue {
        .array(names.map(JSONValue.string))
    }

    private static func list(_ names: Set<String>) -> String {
        names.sorted().map { "`\($0)`" }.joined(separator: " and ")
    }
}
