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
    private static let codeChallengeMethod = Field(
        "code_challenge_method",
        .omittable(.codeChallengeMethod),
        "S256 alone.",
        default: nil
    )
    private static let state = Field(
        "state",
        .omittable(.appState),
        "What the app gets back with the code.",
        default: nil
    )

    package static let fields: [any FieldDescription] = [redirectTo, codeChallenge, codeChallengeMethod, state]

    package init(_ values: FieldValues) throws(DomainError) {
        self.redirectTo = try values.get(Self.redirectTo)
        self.codeChallenge = try values.get(Self.codeChallenge)
        self.state = try values.get(Self.state)
    }
}
