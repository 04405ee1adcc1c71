// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Core
import Models
import Services

/// A role as an argument names one.
enum RoleReference: Sendable, CustomStringConvertible {
    case id(Identifier<Role>)
    case name(RoleName)

    var description: String {
        switch self {
        case .id(let id): id.description
        case .name(let name): name.text
        }
    }

    static func argument(_ text: String) throws -> RoleReference {
        if let id = Identifier<Role>(text) { return .id(id) }
        if let name = RoleName(text) { return .name(name) }
        throw ValidationError("'\(text)' is neither the id nor the name of a role.")
    }
}

extension RoleService {
    /// - Throws: ``ErrorCode/notFound``.
    func find(_ role: RoleReference) async throws(DomainError) -> Role {
        do throws(DomainError) {
            return switch role {
            case .id(let id): try await find(id)
            case .name(let name): try await find(named: name.text)
            }
        } catch  where error.code == .notFound {
            throw DomainError(.notFound, "There is no role \(role).")
        }
    }

    /// The names of all of `roles`.
    ///
    /// - Throws: ``ErrorCode/notFound`` naming the first that does not exist.
    func names(of roles: [RoleReference]) async throws(DomainError) -> Set<String> {
        var names: Set<String> = []
        for role in roles { names.insert(try await find(role).name) }
        return names
    }
}
