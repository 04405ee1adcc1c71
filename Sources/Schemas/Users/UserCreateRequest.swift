// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// What an administrator says of a new user.
package struct UserCreateRequest: RequestSchema {
    package let email: EmailAddress
    package let displayName: String?
    package let isEmailVerified: Bool
    package let isActive: Bool
    /// Nil for what a first sign-in gives.
    package let roles: [RoleName]?

    private static let email = Field("email", .emailAddress, "The e-mail address; nobody else may have it.")
    private static let displayName = Field(
        "display_name",
        .optional(.text(1...DisplayName.maximumLength, example: "Ada Lovelace")),
        "The name that people see.",
        default: nil
    )
    private static let isEmailVerified = Field(
        "is_email_verified",
        .boolean,
        "Whether you vouch that the address is the user's.",
        default: false
    )
    private static let isActive = Field(
        "is_active",
        .boolean,
        "Whether the user may sign in and use API keys.",
        default: true
    )
    private static let roles = Field(
        "roles",
        .omittable(.list(of: .roleName(), limit: 100)),
        "Names of roles; takes the permission roles:assign. Without it the user gets the role user.",
        default: nil
    )

    package static let fields: [any FieldDescription] = [email, displayName, isEmailVerified, isActive, roles]

    package init(_ values: FieldValues) throws(DomainError) {
        self.email = try values.get(Self.email)
        self.displayName = try values.get(Self.displayName)
        self.isEmailVerified = try values.get(Self.isEmailVerified)
        self.isActive = try values.get(Self.isActive)
        self.roles = try values.get(Self.roles)
    }
}
