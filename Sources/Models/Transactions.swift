// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Makes one of several steps.
///
/// Every method throws ``DomainError`` with ``ErrorCode/unavailable`` when the database cannot be asked, or when it is
/// not known whether it committed.
package protocol Transactions: Sendable {
    /// Runs `body` in one transaction: whatever it asks of any repository belongs to it.
    ///
    /// It commits when `body` returns and rolls back when it throws. Inside another transaction it is a part of that
    /// one. What `body` starts and does not wait for does not belong to it.
    ///
    /// `body` may run more than once, because a transaction that another one was in the way of is begun again. So what it
    /// does outside of the database it leaves to ``afterCommit(_:)``.
    func run<Value: Sendable>(
        _ body: @escaping @Sendable () async throws(DomainError) -> Value
    ) async throws(DomainError) -> Value

    /// The same, and no other exclusive transaction runs at the same time, on any worker of any host.
    ///
    /// Who may do what is changed in here alone: what was read in it is still true when it commits.
    func runExclusively<Value: Sendable>(
        _ body: @escaping @Sendable () async throws(DomainError) -> Value
    ) async throws(DomainError) -> Value

    /// Does something once, when the transaction of the caller has committed, and never when it came to nothing.
    ///
    /// Outside of any transaction it is done at once.
    func afterCommit(_ action: @escaping @Sendable () -> Void)
}
