// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Core
import Models
import Services

/// A user as an argument names one.
enum UserReference: Sendable, CustomStringConvertible {
    case id(Identifier<User>)
    case email(EmailAddress)

    var description: String {
        switch self {
        case .id(let id): id.description
        case .email(let email): email.text
        }
    }

    static func argument(_ text: String) throws -> UserReference {
        if let id = Identifier<User>(text) { return .id(id) }
        if let email = EmailAddress(text) { return .email(email) }
        throw ValidationError("'\(text)' is neither an id nor an e-mail address.")
    }
}

extension UserService {
    /// - Throws: ``ErrorCode/notFound``.
    func find(_ user: UserReference) async throws(DomainError) -> UserProfile {
        do throws(DomainError) {
            return switch user {
            case .id(let id): try await find(id)
            case .email(let email): try await find(email: email)
            }
        } catch  where error.code == .notFound {
            throw DomainError(.notFound, "There is no user \(user).")
        }
    }
}
