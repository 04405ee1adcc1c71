// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Synchronization

/// Transactions one after another, which really roll back.
///
/// Each that succeeds is undone once and begun again, as PostgreSQL may have it: a body that does something outside of
/// the store does it twice.
///
/// The repositories in memory ask in which kind of transaction they are called, and refuse what belongs into another.
final class InMemoryTransactions: Transactions {
    enum Kind {
        case plain
        case exclusive
    }

    /// The transaction that surrounds the present call.
    @TaskLocal static var current: Kind?

    private let store: InMemoryStore
    private let isUndoing: Bool
    private let turns = Turns()
    private let actions = Mutex<[@Sendable () -> Void]>([])
    private let meanwhile = Mutex<(@Sendable (InMemoryStore) -> Void)?>(nil)

    /// Transactions on `store`; when `isUndoing`, each that succeeds is undone once.
    init(store: InMemoryStore, isUndoing: Bool) {
        self.store = store
        self.isUndoing = isUndoing
    }

    /// Runs `body` once, before the next transaction begins: for what somebody else commits while it waits.
    func beforeNext(_ body: @escaping @Sendable (InMemoryStore) -> Void) {
        meanwhile.withLock { $0 = body }
    }

    func run<Value: Sendable>(
        _ body: @escaping @Sendable () async throws(DomainError) -> Value
    ) async throws(DomainError) -> Value {
        try await run(as: Self.current ?? .plain, body)
    }

    func runExclusively<Value: Sendable>(
        _ body: @escaping @Sendable () async throws(DomainError) -> Value
    ) async throws(DomainError) -> Value {
        try await run(as: .exclusive, body)
    }

    private func run<Value: Sendable>(
        as kind: Kind,
        _ body: @escaping @Sendable () async throws(DomainError) -> Value
    ) async throws(DomainError) -> Value {
        let isOutermost = Self.current == nil
        if isOutermost {
            await turns.begin()
            let commit = meanwhile.withLock { body in
                defer { body = nil }
                return body
            }
            commit?(store)
        }
        let before = store.tables
        var result = await Self.outcome(as: kind, of: body)
        if isOutermost, isUndoing, case .success = result {
            store.tables = before
            _ = takeActions()
            result = await Self.outcome(as: kind, of: body)
        }
        if isOutermost {
            let actions = takeActions()
            if case .failure = result { store.tables = before } else { for action in actions { action() } }
            await turns.end()
        }
        return try result.get()
    }

    private func takeActions() -> [@Sendable () -> Void] {
        actions.withLock { actions in
            defer { actions = [] }
            return actions
        }
    }

    private static func outcome<Value: Sendable>(
        as kind: Kind,
        of body: @escaping @Sendable () async throws(DomainError) -> Value
    ) async -> Result<Value, DomainError> {
        await $current.withValue(kind) { () async -> Result<Value, DomainError> in
            do throws(DomainError) {
                return .success(try await body())
            } catch {
                return .failure(error)
            }
        }
    }

    func afterCommit(_ action: @escaping @Sendable () -> Void) {
        if Self.current == nil { action() } else { actions.withLock { $0.append(action) } }
    }
}

extension InMemoryTransactions {
    static func requireAny() throws(DomainError) {
        guard current != nil else { throw DomainError(.internal, "This belongs into a transaction.") }
    }

    static func requireExclusive() throws(DomainError) {
        guard current == .exclusive else { throw DomainError(.internal, "This belongs into an exclusive transaction.") }
    }
}

/// Lets one after another pass.
private actor Turns {
    private var isTaken = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func begin() async {
        guard isTaken else {
            isTaken = true
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    func end() {
        guard waiting.isEmpty else { return waiting.removeFirst().resume() }
        isTaken = false
    }
}
