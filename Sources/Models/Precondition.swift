// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// What must hold of a thing at the moment it is changed: the caller has seen its present state, and no older one.
///
/// It runs inside the transaction of the change, on what that transaction has locked.
///
/// It throws ``ErrorCode/staleVersion`` when it does not hold.
package struct Precondition<Entity>: Sendable {
    private let body: @Sendable (Entity) throws(DomainError) -> Void

    /// - Parameter body: Throws ``ErrorCode/staleVersion`` unless the entity is as the caller has seen it.
    package init(_ body: @escaping @Sendable (Entity) throws(DomainError) -> Void) {
        self.body = body
    }

    /// Nothing is asked.
    package static var none: Precondition { Precondition { _ in } }

    /// - Throws: ``ErrorCode/staleVersion`` when `entity` is not as the caller has seen it.
    package func check(_ entity: Entity) throws(DomainError) {
        try body(entity)
    }
}
