// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// What there is to say of a token (RFC 7662 section 2.2): of one that does not count, nothing else.
package struct IntrospectionResponse: Sendable {
    private let token: LiveToken?

    /// - Parameter token: The token; nil for one that does not count.
    package init(_ token: LiveToken?) {
        self.token = token
    }

    /// The body's bytes.
    package var json: [UInt8] {
        var writer = JSONWriter()
        if let token {
            Active(token: token).write(to: &writer)
        } else {
            writer.object { json in json.member("active", false) }
        }
        return writer.bytes
    }

    /// JSON Schema (2020-12) of the body.
    package static let schema: JSONValue = {
        var members = Active.schema.object ?? [:]
        members["title"] = "Introspection"
        members["required"] = ["active"]
        return .object(members)
    }()

    /// A token that counts.
    private struct Active: ResponseSchema {
        let token: LiveToken

        static let properties: [Property<Active>] = [
            .boolean("active", "Whether the token counts; when not, nothing else is there.") { _ in true },
            .text("token_type") { _ in "Bearer" },
            .text("iss") { $0.token.issuer },
            .text("aud") { $0.token.audience },
            .id("sub", "The user.") { $0.token.user.user.id },
            .text("username", "The user's e-mail address.") { $0.token.user.user.email.text },
            .id("sid", "The session.") { $0.token.session },
            .text("jti") { $0.token.tokenID },
            .integer("iat", "Seconds since 1970.") { $0.token.issuedAt.seconds },
            .integer("exp", "Seconds since 1970.") { $0.token.expiresAt.seconds },
            .texts("roles", "Held by now, whatever the token says.") { $0.token.user.grants.roles },
            .texts("permissions", "Held by now, whatever the token says.") { $0.token.user.grants.permissions },
        ]
    }
}
