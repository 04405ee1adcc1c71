// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Core
import Models
import Services

/// A permission as an argument names one.
enum PermissionReference: Sendable, CustomStringConvertible {
    case id(Identifier<Permission>)
    case name(PermissionName)

    var description: String {
        switch self {
        case .id(let id): id.description
        case .name(let name): name.description
        }
    }

    static func argument(_ text: String) throws -> PermissionReference {
        if let id = Identifier<Permission>(text) { return .id(id) }
        if let name = PermissionName(text) { return .name(name) }
        throw ValidationError("'\(text)' is neither an id nor of the form resource:action.")
    }
}

extension PermissionService {
    /// - Throws: ``ErrorCode/notFound``.
    func find(_ permission: PermissionReference) async throws(DomainError) -> Permission {
        do throws(DomainError) {
            return switch permission {
            case .id(let id): try await find(id)
            case .name(let name): try await find(name)
            }
        } catch  where error.code == .notFound {
            throw DomainError(.notFound, "There is no permission \(permission).")
        }
    }

    /// All of `permissions`.
    ///
    /// - Throws: ``ErrorCode/notFound`` naming the first that does not exist.
    func find(_ permissions: [PermissionReference]) async throws(DomainError) -> [Permission] {
        var found: [Permission] = []
        for permission in permissions { found.append(try await find(permission)) }
        return found
    }

    /// The names of all of `permissions`.
    ///
    /// - Throws: as ``find(_:)``.
    func names(of permissions: [PermissionReference]) async throws(DomainError) -> Set<String> {
        Set(try await find(permissions).map(\.name.description))
    }

    /// An installation has few permissions, and only the shell asks for one by name: reading them all will do.
    private func find(_ name: PermissionName) async throws(DomainError) -> Permission {
        var last: Identifier<Permission>?
        repeat {
            let page = try await list(after: last, limit: 200)
            if let permission = page.items.first(where: { $0.name == name }) { return permission }
            last = page.hasMore ? page.items.last?.id : nil
        } while last != nil
        throw DomainError(.notFound, "There is no such permission.")
    }
}
