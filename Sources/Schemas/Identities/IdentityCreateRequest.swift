// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// The code of a link, and the proof that it comes from the app that began the link.
package struct IdentityCreateRequest: RequestSchema {
    package let code: Redacted<String>
    package let codeVerifier: Redacted<String>

    private static let code = Field("code", .token(upTo: 8192), "The code that the app got.")
    private static let codeVerifier = Field(
        "code_verifier",
        .codeVerifier,
        "What the app's challenge was made from (RFC 7636)."
    )

    package static let fields: [any FieldDescription] = [code, codeVerifier]

    package init(_ values: FieldValues) throws(DomainError) {
        self.code = Redacted(try values.get(Self.code))
        self.codeVerifier = Redacted(try values.get(Self.codeVerifier))
    }
}
