// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// On whose behalf something is changed.
package enum Initiator: Hashable, Sendable {
    /// A caller of the API: never passes on more than the credential holds.
    case principal(Principal)
    /// Somebody with a shell on the host, who has the database and the secrets anyway: may do everything.
    case shell

    /// The user who acts; nil for a shell.
    package var userID: Identifier<User>? {
        if case .principal(let principal) = self { principal.userID } else { nil }
    }
}
