// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database

extension DomainError {
    /// What a caller is told of a database error: by the constraint that was violated, or that the database is away, or
    /// nothing but that something went wrong inside.
    ///
    /// The same foreign key is violated by a row that refers to nothing and by the removal of what a row refers to, and
    /// the SQLSTATE does not tell them apart: a statement that knows better gives its own `meanings`.
    ///
    /// The error itself is the cause, for the log.
    init(_ error: DatabaseError, meanings: [String: DomainError] = [:]) {
        if let known = error.constraint.flatMap({ meanings[$0] ?? Self.byConstraint[$0] }) {
            self.init(known.code, known.detail, fields: known.fields, cause: error)
        } else if error.isUnavailable || error.isRetryable || error.code == .cancelled {
            self.init(.unavailable, "The service is temporarily unavailable; try again.", cause: error)
        } else if error.code == .invalidParameter {
            self.init(.validationFailed, "A value holds characters that cannot be stored.", cause: error)
        } else {
            self.init(.internal, "Something went wrong on our side.", cause: error)
        }
    }

    /// What the constraints of `migrations/` mean, where a caller can run into them.
    private static let byConstraint: [String: DomainError] = [
        "users_email_key": emailTaken,
        "oauth_accounts_pkey": taken("identity", "This identity belongs to a user already."),
        "roles_name_key": taken("name", "A role with this name exists already."),
        "permissions_name_key": taken("action", "A permission with this resource and action exists already."),
        "api_keys_owner_id_fkey": missing("user"),
        "sign_in_links_user_id_fkey": missing("user"),
        "user_roles_user_id_fkey": missing("user"),
        "role_permissions_role_id_fkey": missing("role"),
        // The role or permission was deleted between the moment it was looked up and the end of the statement.
        "user_roles_role_id_fkey": unknown("roles"),
        "role_permissions_permission_id_fkey": unknown("permissions"),
        "api_key_roles_role_id_fkey": unknown("roles"),
        "api_key_permissions_permission_id_fkey": unknown("permissions"),
    ]

    static let emailTaken = taken("email", "A user with this e-mail address exists already.")

    private static func taken(_ field: String, _ detail: String) -> DomainError {
        DomainError(.conflict, detail, fields: [Field(field, code: "taken", message: detail)])
    }

    /// There is no such `thing`.
    static func missing(_ thing: String) -> DomainError {
        DomainError(.notFound, "The \(thing) does not exist.")
    }

    /// The field `field` names a role or permission that does not exist.
    static func unknown(_ fields: String...) -> DomainError {
        DomainError(
            .validationFailed,
            "The request names something that does not exist.",
            fields: fields.map { Field($0, code: "unknown", message: "One of these does not exist.") }
        )
    }
}
