// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// Where a sign-in or a link returns to, when an app asked for it.
package struct AppReturn: Hashable, Sendable {
    package let redirectURI: String
    /// The S256 challenge of the app (RFC 7636 section 4.2).
    package let codeChallenge: String
    /// What the app gets back unread.
    package let state: String?
    /// Who asked to have the identity linked; nil when the identity is to sign in.
    package let linkingUser: Identifier<User>?

    package init(
        redirectURI: String,
        codeChallenge: String,
        state: String?,
        linkingUser: Identifier<User>? = nil
    ) {
        self.redirectURI = redirectURI
        self.codeChallenge = codeChallenge
        self.state = state
        self.linkingUser = linkingUser
    }

    /// The app's address with `field` and the state in its query.
    func location(with field: FormURLEncoded.Field) -> String {
        let state: [FormURLEncoded.Field] = state.map { [("state", $0)] } ?? []
        return RedirectURL.appending([field] + state, to: redirectURI)
    }

    /// The app's address with what went wrong, in the words of RFC 6749 section 4.1.2.1.
    func location(with error: DomainError) -> String {
        let code =
            switch error.code {
            case .accountLinkRequired: "account_link_required"
            case .upstream, .unavailable: "temporarily_unavailable"
            case .internal: "server_error"
            default: "access_denied"
            }
        return location(with: ("error", code))
    }
}
