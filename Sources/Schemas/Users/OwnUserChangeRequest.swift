// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// What everyone may change of oneself; what is absent stays as it is.
package struct OwnUserChangeRequest: RequestSchema {
    package let displayName: Change<String?>

    package static let fields: [any FieldDescription] = [UserChangeRequest.displayName]

    package init(_ values: FieldValues) throws(DomainError) {
        self.displayName = try values.get(UserChangeRequest.displayName)
    }
}
