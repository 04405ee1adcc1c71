// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Who is calling, and what the credential used may do.
package struct Principal: Hashable, Sendable {
    /// The credential that the caller showed.
    package enum Credential: Hashable, Sendable {
        case accessToken(session: Identifier<Session>)
        case apiKey(Identifier<APIKey>)

        /// `access_token` or `api_key`.
        package var name: String {
            switch self {
            case .accessToken: "access_token"
            case .apiKey: "api_key"
            }
        }
    }

    package let userID: Identifier<User>
    package let credential: Credential
    package let grants: Grants

    package init(userID: Identifier<User>, credential: Credential, grants: Grants) {
        self.userID = userID
        self.credential = credential
        self.grants = grants
    }
}
