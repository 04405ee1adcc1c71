// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Where a sign-in returns to, and how the app there proves that it began it; or which link it is.
package struct LoginQuery: RequestSchema {
    package let redirectTo: String?
    package let codeChallenge: String?
    package let state: String?
    package let link: Redacted<String>?

    private static let redirectTo = Field(
        "redirect_to",
        .omittable(.anyText),
        "The app's address, as `POSTERN_REDIRECT_URLS` has it; it gets a one-time code. Without it the callback answers.",
        default: nil
    )
    private static let codeChallenge = Field(
        "code_challenge",
        .omittable(.codeChallenge),
        "The app's PKCE challenge (RFC 7636); `redirect_to` needs it.",
        default: nil
    )
    // These two are a ``LinkRequest``'s, too.
    static let codeChallengeMethod = Field(
        "code_challenge_method",
        .omittable(.codeChallengeMethod),
        "S256 alone.",
        default: nil
    )
    static let state = Field(
        "state",
        .omittable(.appState),
        "What the app gets back with the code.",
        default: nil
    )
    private static let link = Field(
        "link",
        .omittable(.token(upTo: 4096)),
        "Stands alone, in addresses that `POST /api/v1/auth/{provider}/link` gives.",
        default: nil
    )

    package static let fields: [any FieldDescription] = [redirectTo, codeChallenge, codeChallengeMethod, state, link]

    package init(_ values: FieldValues) throws(DomainError) {
        self.redirectTo = try values.get(Self.redirectTo)
        self.codeChallenge = try values.get(Self.codeChallenge)
        self.state = try values.get(Self.state)
        self.link = try values.get(Self.link).map(Redacted.init)
        guard link == nil || (redirectTo == nil && codeChallenge == nil && state == nil) else {
            let field = DomainError.Field("link", code: "exclusive", message: "must not stand beside others")
            throw DomainError(.validationFailed, "The input is not valid.", fields: [field])
        }
    }
}
