// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Models

extension EmailAddress {
    /// The address that an option names.
    static func argument(_ text: String) throws -> EmailAddress {
        guard let email = EmailAddress(text) else { throw ValidationError("'\(text)' is no e-mail address.") }
        return email
    }
}
