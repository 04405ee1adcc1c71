// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// The token that is asked about (RFC 7662 section 2.1, RFC 7009 section 2.1).
package struct TokenRequest: RequestSchema {
    package let token: Redacted<String>

    private static let token = Field("token", .token(upTo: 8192), "The token.")
    /// Nothing depends on it: the kinds of tokens look different.
    private static let hint = Field(
        "token_type_hint",
        .omittable(.token(upTo: 64)),
        "What the caller takes the token for; nothing depends on it.",
        default: nil
    )

    package static let fields: [any FieldDescription] = [token, hint]

    package init(_ values: FieldValues) throws(DomainError) {
        self.token = Redacted(try values.get(Self.token))
    }
}
