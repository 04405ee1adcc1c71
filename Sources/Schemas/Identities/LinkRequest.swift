// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Where a link returns to, and how the app there proves that it began it.
package struct LinkRequest: RequestSchema {
    package let redirectTo: String
    package let codeChallenge: String
    package let state: String?

    private static let redirectTo = Field(
        "redirect_to",
        .appAddress,
        "The app's address, as `POSTERN_REDIRECT_URLS` has it; it gets a code that links."
    )
    private static let codeChallenge = Field(
        "code_challenge",
        .codeChallenge,
        "The app's PKCE challenge (RFC 7636)."
    )

    package static let fields: [any FieldDescription] = [
        redirectTo, codeChallenge, LoginQuery.codeChallengeMethod, LoginQuery.state,
    ]

    package init(_ values: FieldValues) throws(DomainError) {
        self.redirectTo = try values.get(Self.redirectTo)
        self.codeChallenge = try values.get(Self.codeChallenge)
        self.state = try values.get(LoginQuery.state)
    }
}
