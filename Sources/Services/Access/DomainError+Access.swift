// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

extension DomainError {
    static let noSuchUser = DomainError(.notFound, "There is no such user.")
    static let noSuchRole = DomainError(.notFound, "There is no such role.")
    static let noSuchPermission = DomainError(.notFound, "There is no such permission.")
    static let noSuchAPIKey = DomainError(.notFound, "There is no such API key.")

    /// The initiator does not hold `permission`.
    static func missing(_ permission: String) -> DomainError {
        DomainError(.forbidden, "The permission \(permission) is required.")
    }

    /// ``ErrorCode/validationFailed`` for one field.
    static func invalid(_ field: String, code: String, _ message: String) -> DomainError {
        let field = Field(field, code: code, message: message)
        return DomainError(.validationFailed, "The input is not valid.", fields: [field])
    }

    /// What is held cannot be deleted.
    static func inUse(_ what: String, _ use: AccessUse) -> DomainError {
        let holders = [(use.roles, "role"), (use.users, "user"), (use.apiKeys, "API key")]
            .filter { $0.0 > 0 }
            .map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }
        return DomainError(.conflict, "This \(what) is in use by \(holders.joined(separator: ", ")).")
    }
}

extension AccessUse {
    var isNone: Bool { self == AccessUse() }
}
