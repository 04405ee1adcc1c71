// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// What an administrator changes of a user; what is absent stays as it is.
package struct UserChangeRequest: RequestSchema {
    package let email: Change<EmailAddress>
    package let displayName: Change<String?>
    package let isEmailVerified: Change<Bool>
    package let isActive: Change<Bool>

    private static let email = Field(
        "email",
        .change(.emailAddress),
        "The e-mail address. A new one is not verified, unless is_email_verified says so.",
        default: .keep
    )
    static let displayName = Field(
        "display_name",
        .change(.optional(.text(1...DisplayName.maximumLength, example: "Ada Lovelace"))),
        "The name that people see; null for none.",
        default: .keep
    )
    private static let isEmailVerified = Field(
        "is_email_verified",
        .change(.boolean),
        "Whether you vouch that the address is the user's.",
        default: .keep
    )
    private static let isActive = Field(
        "is_active",
        .change(.boolean),
        "Whether the user may sign in and use API keys.",
        default: .keep
    )

    package static let fields: [any FieldDescription] = [email, displayName, isEmailVerified, isActive]

    package init(_ values: FieldValues) throws(DomainError) {
        self.email = try values.get(Self.email)
        self.displayName = try values.get(Self.displayName)
        self.isEmailVerified = try values.get(Self.isEmailVerified)
        self.isActive = try values.get(Self.isActive)
    }
}
