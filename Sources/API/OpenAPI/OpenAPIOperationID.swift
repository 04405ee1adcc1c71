// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes

/// The name of an operation, which generated clients give to their functions: `listUsers`, `addUserRole`.
enum OpenAPIOperationID {
    /// Where the path does not say well what the operation does.
    private static let chosen = [
        "GET /.well-known/jwks.json": "getJWKS",
        "GET /.well-known/oauth-authorization-server": "getServerMetadata",
        "GET /.well-known/openid-configuration": "getOpenIDConfiguration",
        "GET /openapi.json": "getOpenAPI",
        "GET /api/v1/auth/{provider}/login": "beginSignIn",
        "GET /api/v1/auth/{provider}/callback": "finishSignIn",
        "GET /api/v1/auth/verify": "verifyCaller",
        "GET /api/v1/auth/link": "openSignInLink",
        "POST /api/v1/auth/link": "useSignInLink",
        "POST /api/v1/auth/{provider}/link": "beginIdentityLink",
        "GET /api/v1/users/me/identities": "listMyIdentities",
        "POST /api/v1/users/me/identities": "linkIdentity",
        "GET /api/v1/users/me/identities/{id}": "getMyIdentity",
        "DELETE /api/v1/users/me/identities/{id}": "unlinkMyIdentity",
        "DELETE /api/v1/users/{id}/identities/{identity_id}": "removeUserIdentity",
        "GET /api/v1/users/me": "getMe",
        "PATCH /api/v1/users/me": "updateMe",
    ]

    /// The name of `endpoint`: stable as long as method and path are.
    static func of(_ endpoint: Endpoint) -> String {
        if let name = chosen["\(endpoint.method.rawValue) \(endpoint.path)"] { return name }
        let parts = endpoint.path.split(separator: "/").drop { $0 == "api" || $0 == "v1" }
        var nouns: [String] = []
        var parameters = 0
        var endsWithParameter = false
        for part in parts {
            endsWithParameter = part.hasPrefix("{")
            if endsWithParameter {
                parameters += 1
                // One of many: /users/{id} is a user.
                if let noun = nouns.popLast() { nouns.append(singular(noun)) }
            } else {
                nouns.append(capitalized(part))
            }
        }

        switch endpoint.method {
        case .post where parameters > 0 && !endsWithParameter:
            // The last part is what happens: /api-keys/{id}/rotate.
            let verb = nouns.popLast() ?? ""
            return verb.lowercased() + nouns.joined()
        case .post:
            let noun = nouns.popLast() ?? ""
            return "create" + nouns.joined() + singular(noun)
        case .put: return "add" + nouns.joined()
        case .patch: return "update" + nouns.joined()
        case .delete: return (parameters > 1 ? "remove" : "delete") + nouns.joined()
        default:
            let isList = endpoint.success.schema?["properties"]?["next_cursor"] != nil
            return (isList ? "list" : "get") + nouns.joined()
        }
    }

    private static func capitalized(_ part: Substring) -> String {
        part.split { !$0.isLetter && !$0.isNumber }
            .map { $0 == "api" ? "API" : $0.prefix(1).uppercased() + $0.dropFirst() }
            .joined()
    }

    private static func singular(_ noun: String) -> String {
        noun.hasSuffix("s") ? String(noun.dropLast()) : noun
    }
}
